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
        const base64 = bytes.toString("base64");
        return Promise.resolve({ id: base64, outputs: { base64, hex: bytes.toString("hex") } });
    },
});
