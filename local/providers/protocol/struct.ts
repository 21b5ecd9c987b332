import structProto from "google-protobuf/google/protobuf/struct_pb.js";

import type { Values } from "./values.ts";

/** Properties of a message; an absent message has none. */
export function fromStruct(struct: structProto.Struct | undefined): Values {
    return struct?.toJavaScript() ?? {};
}

/** Properties as a protobuf message. */
export function toStruct(values: Values): structProto.Struct {
    // The JSON round trip drops undefined entries, which protobuf cannot represent.
    const plain = JSON.parse(JSON.stringify(values)) as Values;
    return structProto.Struct.fromJavaScript(plain);
}
