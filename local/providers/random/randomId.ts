import { randomBytes } from "node:crypto";

import { frozenType } from "../protocol/frozenType.ts";
import { textOf } from "../protocol/values.ts";
import { refuseCount } from "./refuseCount.ts";

/** `random.RandomId`. Its values are identifiers, not secrets. */
export const randomIdType = frozenType({
    defaults: {},
    outputs: ["b64Std", "b64Url", "dec", "hex"],
    secretOutputs: [],
    refuse: ({ byteLength }) => refuseCount("byteLength", byteLength),
    make: (inputs) => {
        const bytes = randomBytes(Number(inputs.byteLength));
        const prefix = textOf(inputs, "prefix") ?? "";
        const hex = bytes.toString("hex");
        return Promise.resolve({
            id: bytes.toString("base64url"),
            outputs: {
                b64Std: prefix + bytes.toString("base64"),
                b64Url: prefix + bytes.toString("base64url"),
                dec: prefix + BigInt(`0x${hex}`).toString(),
                hex: prefix + hex,
            },
        });
    },
});
