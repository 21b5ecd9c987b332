import assert from "node:assert/strict";

import { connectAdmin } from "../testRun/keycloakAdmin.ts";
import { programs } from "./loginProgram.ts";
import type { Person } from "./person.ts";
import { closeSmallStack, deploySmallStack } from "./smallStack.ts";
import type { TestStack } from "./testStack.ts";
import {
    askAuthorization,
    deployRegistration,
    invitePerson,
    issuerOf,
    logInUnregistered,
    redirectUri,
} from "./unregisteredProgram.ts";

describe("a program that registers itself", function () {
    this.timeout(120_000);
    let stack: TestStack;
    let person: Person;
    let endpoint: string;

    /** Registers a program by hand. */
    const register = async (changes: object = {}) => {
        const response = await fetch(endpoint, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify({
                client_name: "by hand",
                redirect_uris: [redirectUri],
                token_endpoint_auth_method: "none",
                ...changes,
            }),
        });
        const answer = (await response.json()) as Record<string, string>;
        return { status: response.status, clientId: answer["client_id"] ?? "", answer };
    };

    const open = async () => {
        const redirectHosts = ["localhost", "127.0.0.1"];
        await deployRegistration(stack, { dynamic: { redirectHosts }, servers: ["add-numbers"] });
    };

    const close = () => deployRegistration(stack);

    before(async function () {
        this.timeout(600_000);
        stack = await deploySmallStack("registration");
        endpoint = `${issuerOf(stack)}/clients-registrations/openid-connect`;
        person = await invitePerson(stack);
    });

    after(async () => {
        await person?.leave();
        if (stack !== undefined) await closeSmallStack(stack);
    });

    it("is refused by default", async () => {
        assert.equal((await register()).status, 403);
    });

    it("is accepted by a stack that says so", async () => {
        await open();
        assert.equal((await register()).status, 201);
    });

    for (const sdk of Object.keys(programs)) {
        it(`logs in and calls a tool with nothing but the URL of a server, with ${sdk}`, async () => {
            const { program, clientId } = await logInUnregistered(stack, sdk, person);
            const registered = program.sent.filter(({ url }) => url === endpoint);
            assert.deepEqual(
                registered.map(({ method, status }) => [method, status]),
                [["POST", 201]],
            );
            const { name: realm } = stack;
            const [client] = await (await connectAdmin()).clients.find({ realm, clientId });
            assert.deepEqual([client?.publicClient, client?.consentRequired], [true, true]);
        });
    }

    for (const uri of [
        "https://example.org/callback",
        "http://localhost.example.org:49152/callback",
        "http://localhost:49152/*",
        "cursor://anysphere.cursor-mcp/oauth/callback",
    ]) {
        it(`is refused with the redirect URI ${uri}`, async () => {
            const { status, answer } = await register({ redirect_uris: [uri] });
            assert.ok(status === 400 || status === 403, JSON.stringify(answer));
        });
    }

    it("must use PKCE, and gets the scopes of the given servers alone", async () => {
        const { clientId } = await register();
        assert.equal(await askAuthorization(stack, clientId), "200");
        const noChallenge = { code_challenge: "", code_challenge_method: "" };
        assert.equal(
            await askAuthorization(stack, clientId, noChallenge),
            "302 error=invalid_request",
        );
        const others = { scope: "mcp:greet" };
        assert.equal(await askAuthorization(stack, clientId, others), "302 error=invalid_scope");
        assert.equal((await register(others)).status, 403);
    });

    it("is refused once the stack says nothing of it any more, and can be accepted again", async () => {
        await close();
        assert.equal((await register()).status, 403);
        await open();
        assert.equal((await register()).status, 201);
        await close();
        assert.equal((await register()).status, 403);
    });
});
