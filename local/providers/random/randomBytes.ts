import { randomBytes } from "node:crypto";

import { frozenType } from "../protocol/frozenType.ts";
import { refuseCount } from "./refuseCount.ts";

/** `random.RandomBytes`. */
export const randomBytesType = frozenType({
    defaults: {},
    outputs: ["base64", "hex"],
    secretOutputs: ["base64", "hex"],
    refuse: ({ length }) => refuseCount("length", length),
    make: ({ length }) => {
        const bytes = randomBytes(Number(length));
        const outputs = { base64: bytes.toString("base64"), hex: bytes.toString("hex") };
        // Ids are never secret, so the id must not contain the bytes.
        return Promise.resolve({ id: "none", outputs });
    },
});
