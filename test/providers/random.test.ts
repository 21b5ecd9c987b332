import * as random from "@pulumi/random";
import assert from "node:assert/strict";

import { describeContract, describeMaking } from "./contract.ts";

const passwordOf = (args: random.RandomPasswordArgs) => () =>
    Promise.resolve({ result: new random.RandomPassword("subject", args).result });

await describeContract({
    title: "random.RandomPassword",
    type: "random:index/randomPassword:RandomPassword",
    packages: ["random"],
    first: passwordOf({ length: 20, special: false, minUpper: 3, minNumeric: 2 }),
    replaced: passwordOf({ length: 24, overrideSpecial: "_" }),
    broken: { program: passwordOf({ length: 0 }), message: /length/ },
    secrets: ({ result }) => [String(result)],
    verify: ({ result }) => {
        assert.match(String(result), /^[A-Za-z0-9]{20}$/);
        assert.ok(String(result).replaceAll(/[^A-Z]/g, "").length >= 3, "capital letters");
        assert.ok(String(result).replaceAll(/\D/g, "").length >= 2, "digits");
    },
});

const idOf = (args: random.RandomIdArgs) => () => {
    const { hex, b64Url, dec } = new random.RandomId("subject", args);
    return Promise.resolve({ hex, b64Url, dec });
};

await describeMaking({
    title: "random.RandomId",
    type: "random:index/randomId:RandomId",
    packages: ["random"],
    first: idOf({ byteLength: 4, prefix: "a-" }),
    verify: ({ hex, b64Url, dec }) => {
        assert.match(String(hex), /^a-[0-9a-f]{8}$/);
        const bytes = Buffer.from(String(b64Url).slice(2), "base64url");
        assert.equal(bytes.toString("hex"), String(hex).slice(2));
        assert.equal(BigInt(String(dec).slice(2)), BigInt(`0x${String(hex).slice(2)}`));
    },
});

const bytesOf = (args: random.RandomBytesArgs) => () => {
    const { base64, hex } = new random.RandomBytes("subject", args);
    return Promise.resolve({ base64, hex });
};

await describeMaking({
    title: "random.RandomBytes",
    type: "random:index/randomBytes:RandomBytes",
    packages: ["random"],
    first: bytesOf({ length: 32 }),
    secrets: ({ base64, hex }) => [String(base64), String(hex)],
    verify: ({ base64, hex }) => {
        assert.equal(Buffer.from(String(base64), "base64").toString("hex"), hex);
        assert.equal(String(hex).length, 64);
    },
});
