import assert from "node:assert/strict";
import { isRefusal } from "../../src/auth/authenticator.ts";
import { openBearerAuth, type BearerAuth } from "../../src/auth/bearerAuth.ts";
import { listDiscoveryUrls } from "../../src/auth/discovery.ts";
import { issuerName, resource, startIssuer } from "../support/issuer.ts";
import { requestWith } from "../support/request.ts";
import { startDiscovery } from "../support/startDiscovery.ts";
import { until } from "../support/until.ts";

const args = { issuer: issuerName, audience: resource, scopes: [], path: "/mcp", server: "add" };
const silent = (): void => undefined;

async function statusOf(auth: BearerAuth, token: string): Promise<number> {
    const answer = await auth.authenticate(requestWith("authorization", `Bearer ${token}`));
    return isRefusal(answer) ? answer.status : 200;
}

describe("listDiscoveryUrls", () => {
    it("puts the well-known part before the issuer's path, and for OpenID behind it too", () => {
        assert.deepEqual(listDiscoveryUrls("https://id.example.org/realms/r"), [
            "https://id.example.org/.well-known/oauth-authorization-server/realms/r",
            "https://id.example.org/.well-known/openid-configuration/realms/r",
            "https://id.example.org/realms/r/.well-known/openid-configuration",
        ]);
    });

    it("has no place twice for an issuer without a path", () => {
        for (const issuer of ["https://id.example.org", "https://id.example.org/"]) {
            assert.deepEqual(listDiscoveryUrls(issuer), [
                "https://id.example.org/.well-known/oauth-authorization-server",
                "https://id.example.org/.well-known/openid-configuration",
            ]);
        }
    });
});

describe("the issuer's keys", () => {
    it("are found by its metadata, at the last place too", async () => {
        const [issuer, discovery] = [await startIssuer(), await startDiscovery()];
        const name = `${discovery.origin}/realms/r`;
        const urls = listDiscoveryUrls(name).map((url) => url.slice(discovery.origin.length));
        discovery.documents.set(urls[2] ?? "", { issuer: name, jwks_uri: issuer.jwksUri });
        const auth = await openBearerAuth({ ...args, issuer: name }, silent);
        try {
            await until(() => auth.ready);
            assert.equal(await statusOf(auth, await issuer.sign({ iss: name })), 200);
            assert.deepEqual(discovery.asked, urls);
        } finally {
            auth.close();
            await discovery.stop();
            await issuer.stop();
        }
    });

    const lies: [string, (origin: string) => unknown, RegExp][] = [
        [
            "names another issuer",
            () => ({ issuer: "https://evil.example.org", jwks_uri: "http://127.0.0.1/certs" }),
            /must name issuer '.*', got 'https:\/\/evil/,
        ],
        ["has no keys", (origin) => ({ issuer: origin }), /must have a 'jwks_uri'/],
        [
            "has keys in a file",
            (origin) => ({ issuer: origin, jwks_uri: "file:///etc/keys" }),
            /must have a 'jwks_uri'/,
        ],
        ["is no JSON", () => "<html>", /not valid JSON/],
        ["has no end", () => " ".repeat(1024 * 1024 + 1), /must not be longer than 1048576 bytes/],
    ];
    for (const [what, document, reason] of lies) {
        it(`are not taken from metadata that ${what}`, async () => {
            const discovery = await startDiscovery();
            const [path = ""] = listDiscoveryUrls(discovery.origin);
            discovery.documents.set(
                path.slice(discovery.origin.length),
                document(discovery.origin),
            );
            const reasons: unknown[] = [];
            const auth = await openBearerAuth({ ...args, issuer: discovery.origin }, (_, __, f) =>
                reasons.push(f?.reason),
            );
            try {
                await until(() => reasons.length > 0);
                assert.match(String(reasons[0]), reason);
                assert.equal(auth.ready, false);
            } finally {
                auth.close();
                await discovery.stop();
            }
        });
    }

    it("are waited for with 503 until the issuer is up", async () => {
        const issuer = await startIssuer("RS256", false);
        const auth = await openBearerAuth({ ...args, jwksUri: issuer.jwksUri }, silent);
        try {
            const token = await issuer.sign();
            const answer = await auth.authenticate(requestWith("authorization", `Bearer ${token}`));
            assert.ok(isRefusal(answer));
            assert.deepEqual([answer.status, answer.headers], [503, { "retry-after": "2" }]);
            await issuer.start();
            await until(() => auth.ready);
            assert.equal(await statusOf(auth, token), 200);
        } finally {
            auth.close();
            await issuer.stop();
        }
    });

    it("outlive the issuer, whom forged keys ask once in a while", async () => {
        const issuer = await startIssuer();
        const failures: unknown[] = [];
        const timing = { coolDown: 60_000 };
        const auth = await openBearerAuth(
            { ...args, jwksUri: issuer.jwksUri },
            (level, event) => level === "warn" && failures.push(event),
            timing,
        );
        try {
            await until(() => auth.ready);
            await issuer.stop();
            assert.equal(await statusOf(auth, await issuer.sign()), 200);
            for (let attempt = 0; attempt < 20; attempt++) {
                const forged = await issuer.sign({}, { kid: `forged-${attempt}` });
                assert.equal(await statusOf(auth, forged), 401);
            }
            assert.deepEqual(failures, ["keys not loaded"]);
        } finally {
            auth.close();
        }
    });

    it("sign for nothing with an algorithm that is not one of the three", async () => {
        const issuer = await startIssuer("RS512");
        const auth = await openBearerAuth({ ...args, jwksUri: issuer.jwksUri }, silent);
        try {
            await until(() => auth.ready);
            assert.equal(await statusOf(auth, await issuer.sign()), 401);
        } finally {
            auth.close();
            await issuer.stop();
        }
    });

    it("follow a rotation as soon as a token names a new one", async () => {
        const issuer = await startIssuer();
        const timing = { coolDown: 0 };
        const auth = await openBearerAuth({ ...args, jwksUri: issuer.jwksUri }, silent, timing);
        try {
            await until(() => auth.ready);
            const old = await issuer.sign();
            assert.equal(await statusOf(auth, old), 200);
            await issuer.rotate();
            const [first, second] = [await issuer.sign(), await issuer.sign({ sub: "user-2" })];
            const fetches = issuer.fetches();
            const statuses = await Promise.all([statusOf(auth, first), statusOf(auth, second)]);
            assert.deepEqual(statuses, [200, 200]);
            assert.equal(issuer.fetches() - fetches, 1, "one fetch for all who wait for it");
            assert.equal(await statusOf(auth, old), 200, "a token that is remembered needs no key");
        } finally {
            auth.close();
            await issuer.stop();
        }
    });
});
