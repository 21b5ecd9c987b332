import assert from "node:assert/strict";
import { isRefusal, type AuthRefusal } from "../../src/auth/authenticator.ts";
import { IdentityHeaders } from "../../src/auth/identityHeaders.ts";
import { NoIdentity } from "../../src/auth/noIdentity.ts";
import { anonymous, principalKey } from "../../src/auth/principal.ts";
import { requestWith } from "../support/request.ts";

const named = (subject: string, client: string, scopes: string) =>
    requestWith("X-Auth-Subject", subject, "X-Auth-Client", client, "X-Auth-Scopes", scopes);

describe("identity by headers", () => {
    it("believes the gateway, and gives the same object for the same caller", () => {
        const identity = new IdentityHeaders();
        const principal = identity.authenticate(named("user-1", "agent", "profile mcp:add"));
        assert.deepEqual(principal, {
            subject: "user-1",
            client: "agent",
            scopes: ["profile", "mcp:add"],
        });
        assert.equal(identity.authenticate(named("user-1", "agent", "profile mcp:add")), principal);
    });

    it("follows a change of client or scopes", () => {
        const identity = new IdentityHeaders();
        const texts = [
            ["agent", "a"],
            ["other", "a"],
            ["other", "a b"],
            ["other", ""],
        ] as const;
        for (const [client, scopes] of texts) {
            assert.deepEqual(identity.authenticate(named("user-1", client, scopes)), {
                subject: "user-1",
                client,
                scopes: scopes.split(" ").filter(Boolean),
            });
        }
    });

    it("knows no scopes where the gateway tells none, which is not the same as having none", () => {
        const principal = new IdentityHeaders().authenticate(requestWith("x-auth-subject", "u"));
        assert.deepEqual(principal, { subject: "u", client: undefined, scopes: undefined });
    });

    it("takes a client for its own subject, and nobody for anonymous", () => {
        const identity = new IdentityHeaders();
        const client = identity.authenticate(named("", "agent", ""));
        assert.equal("subject" in client && client.subject, "agent");
        assert.equal(identity.authenticate(named("", "", "mcp:add")), anonymous);
        assert.equal(identity.authenticate(requestWith()), anonymous);
    });

    it("leaves encoded names apart", () => {
        const identity = new IdentityHeaders();
        const keys = ["%C5%BEofie", "%25C5%25BEofie"].map((subject) => {
            const principal = identity.authenticate(named(subject, "", ""));
            return isRefusal(principal) ? undefined : principalKey(principal);
        });
        assert.equal(new Set(keys).size, 2);
    });

    for (const name of ["X-Auth-Subject", "X-Auth-Client", "X-Auth-Scopes"]) {
        it(`refuses a second ${name}: one of them is a client's own`, () => {
            const { rawHeaders } = named("user-1", "agent", "a");
            const request = requestWith(...rawHeaders, name.toUpperCase(), "admin");
            const answer = new IdentityHeaders().authenticate(request) as AuthRefusal;
            assert.deepEqual([answer.status, answer.error], [400, "invalid_request"]);
        });
    }

    it("asks for scopes with the document's address where the endpoint's is known", () => {
        const challenge = (resource?: string) =>
            new IdentityHeaders(resource).stepUp(["s"]).headers["www-authenticate"];
        const error =
            'Bearer error="insufficient_scope", error_description="the call needs further scopes"';
        assert.equal(challenge(), `${error}, scope="s"`);
        assert.equal(
            challenge("https://mcp.example.org/add/mcp"),
            `${error}, resource_metadata="https://mcp.example.org/.well-known/oauth-protected-resource/add/mcp", scope="s"`,
        );
    });
});

describe("no identity", () => {
    it("takes everyone for nobody, whatever headers say", () => {
        assert.equal(new NoIdentity().authenticate(), anonymous);
    });
});
