import { serve } from "../protocol/serve.ts";
import { randomBytesType } from "./randomBytes.ts";
import { randomIdType } from "./randomId.ts";
import { randomPasswordType } from "./randomPassword.ts";

const types = new Map([
    ["random:index/randomPassword:RandomPassword", randomPasswordType],
    ["random:index/randomId:RandomId", randomIdType],
    ["random:index/randomBytes:RandomBytes", randomBytesType],
]);

await serve({ name: "random", configure: () => ({ types: (type) => types.get(type) }) });
