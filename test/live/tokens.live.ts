import { SignJWT, decodeJwt, decodeProtectedHeader, generateKeyPair } from "jose";
import assert from "node:assert/strict";

import { testStack } from "./testStack.ts";
import { ForeignRealm, requestShortLivedToken } from "./foreignRealm.ts";
import { addNumbers, bearer, post } from "./post.ts";

describe("a token", () => {
    let url: string;
    let good: string;
    const realm = new ForeignRealm();

    before(async function () {
        this.timeout(600_000);
        const { outputs, token } = await testStack();
        url = outputs.endpoints["add-numbers"]!;
        good = await token("add-numbers-only");
        await realm.create(url);
    });

    after(() => realm.remove());

    it("opens the server it was issued for", async () => {
        const { status, text } = await post(url, addNumbers, bearer(good));
        assert.equal(status, 200, text);
        assert.match(text, /42/);
    });

    it("is asked for where there is none, with the way to get one", async () => {
        const { status, headers } = await post(url, addNumbers);
        const { origin, pathname } = new URL(url);
        const document = `${origin}/.well-known/oauth-protected-resource${pathname}`;
        assert.equal(status, 401);
        assert.equal(
            headers.get("www-authenticate"),
            `Bearer resource_metadata="${document}", scope="mcp:add-numbers"`,
        );
        const metadata = (await (await fetch(document)).json()) as Record<string, unknown>;
        assert.equal(metadata["resource"], url);
        assert.deepEqual(metadata["scopes_supported"], ["mcp:add-numbers"]);
    });

    const forgeries: { name: string; make: () => Promise<string> | string }[] = [
        { name: "is garbage", make: () => "garbage" },
        {
            name: "has another server's audience",
            make: async () => (await testStack()).token("fetch-only"),
        },
        { name: "comes from another realm", make: () => realm.token() },
        { name: "has a signature that does not fit", make: () => tamper(good) },
        { name: "is signed by a stranger's key of the same name", make: () => resign(good) },
        { name: "names the algorithm 'none'", make: () => unsigned(good) },
    ];
    for (const { name, make } of forgeries) {
        it(`is refused when it ${name}`, async () => {
            const { status, headers, text } = await post(url, addNumbers, bearer(await make()));
            assert.equal(status, 401, text);
            assert.match(headers.get("www-authenticate") ?? "", /^Bearer .*error="invalid_token"/);
            assert.equal("result" in (JSON.parse(text) as object), false);
        });
    }

    it("is refused when it has expired", async function () {
        this.timeout(120_000);
        const { outputs } = await testStack();
        const shortLived = await requestShortLivedToken(outputs, "add-numbers", 2);
        assert.equal((await post(url, addNumbers, bearer(shortLived))).status, 200);
        const { exp } = decodeJwt(shortLived);
        // The verifier allows clocks to differ by a few seconds.
        await new Promise((resolve) => setTimeout(resolve, exp! * 1000 + 12_000 - Date.now()));
        const { status, headers } = await post(url, addNumbers, bearer(shortLived));
        assert.equal(status, 401);
        assert.match(headers.get("www-authenticate") ?? "", /error="invalid_token"/);
    });
});

/** The same token with one bit of its signature turned. */
function tamper(token: string): string {
    const [header, payload, signature] = token.split(".");
    const bytes = Buffer.from(signature!, "base64url");
    bytes[10]! ^= 1;
    return [header, payload, bytes.toString("base64url")].join(".");
}

async function resign(token: string): Promise<string> {
    const { privateKey } = await generateKeyPair("RS256");
    const { kid } = decodeProtectedHeader(token);
    return new SignJWT(decodeJwt(token))
        .setProtectedHeader({ alg: "RS256", typ: "JWT", kid })
        .sign(privateKey);
}

function unsigned(token: string): string {
    const header = Buffer.from(JSON.stringify({ alg: "none", typ: "JWT" })).toString("base64url");
    return `${header}.${token.split(".")[1]}.`;
}
