import { KubeConfig } from "@kubernetes/client-node";
import assert from "node:assert/strict";

import { documentUrl, hostOf, serveDocuments } from "./documentHost.ts";
import { type KeycloakPod, startKeycloak } from "./keycloakPod.ts";
import { programs } from "./loginProgram.ts";
import type { Person } from "./person.ts";
import { closeSmallStack, deploySmallStack, smallStackName } from "./smallStack.ts";
import type { Configuration, TestStack } from "./testStack.ts";
import {
    askAuthorization,
    deployRegistration,
    invitePerson,
    logInUnregistered,
    redirectUri,
} from "./unregisteredProgram.ts";

const suite = "documents";

const notFound = "400 Client not found.";

/** Any port of this machine, as programs on people's machines have it. */
const redirects = { redirect_uris: ["http://localhost/callback"] };

/** Documents by what is wrong with them, and what Keycloak says to it. */
const refused: Record<string, { document: object; reason: RegExp }> = {
    "of another id": {
        document: { ...redirects, client_id: "https://example.org/a" },
        reason: /client_id property does not exactly match/,
    },
    "without this redirect": {
        document: { redirect_uris: ["http://localhost/elsewhere"] },
        reason: /redirect_uri parameter does not exactly match/,
    },
    "with a redirect of another host": {
        document: { redirect_uris: [...redirects.redirect_uris, "https://example.org/callback"] },
        reason: /domain not allowed/,
    },
    "with a secret": {
        document: { ...redirects, client_secret: "hidden" },
        reason: /client_secret/,
    },
};

/** Name of a document by what it is. */
const nameOf = (what: string) => what.replaceAll(" ", "-");

/**
 * Client ID metadata documents. The platform's Keycloak has them off: with the feature, it announces them in every realm,
 * and programs then use the URL of their document instead of asking for the client id. So the suite has its own.
 */
describe("a program whose client id is the URL of its metadata document", function () {
    this.timeout(120_000);
    const namespace = smallStackName("keycloak");
    const kubeConfig = new KubeConfig();
    let keycloak: KeycloakPod;
    let stack: TestStack;
    let person: Person;

    const url = (document: string) => documentUrl(namespace, document);
    const ask = (document: string, changes?: Record<string, string>) =>
        askAuthorization(stack, url(document), changes);

    before(async function () {
        this.timeout(600_000);
        kubeConfig.loadFromDefault();
        keycloak = await startKeycloak(kubeConfig, namespace, ["cimd"]);
        const documents: Record<string, object> = { good: redirects, later: redirects };
        for (const [what, { document }] of Object.entries(refused)) {
            documents[nameOf(what)] = document;
        }
        await serveDocuments(kubeConfig, namespace, documents);
        stack = await deploySmallStack(suite, useKeycloak);
        person = await invitePerson(stack, keycloak.url);
    });

    after(async () => {
        await person?.leave();
        if (stack !== undefined) await closeSmallStack(stack, [namespace]);
    });

    function useKeycloak({ "slipway:identity": identity }: Configuration): void {
        const realm = `/realms/${smallStackName(suite)}`;
        identity["issuer"] = keycloak.url + realm;
        identity["adminUrl"] = keycloak.url;
        identity["jwksUri"] = `${keycloak.podUrl}${realm}/protocol/openid-connect/certs`;
        delete identity["interactive"];
    }

    it("is refused by default", async () => {
        assert.equal(await ask("good"), notFound);
    });

    it("is accepted by a stack that trusts the host of the document", async () => {
        const hosts = [hostOf(namespace)];
        await deployRegistration(stack, { documents: { hosts }, servers: ["add-numbers"] });
        assert.equal(await ask("good"), "200");
    });

    for (const sdk of Object.keys(programs)) {
        it(`logs in and calls a tool with nothing but the URL of a server, with ${sdk}`, async () => {
            const { program, clientId } = await logInUnregistered(stack, sdk, person, url("good"));
            assert.equal(clientId, url("good"));
            assert.ok(program.sent.every((request) => !request.url.includes("registrations")));
        });
    }

    for (const [what, { reason }] of Object.entries(refused)) {
        it(`is refused with a document ${what}`, async () => {
            const answer = await ask(nameOf(what));
            assert.match(answer, /^400 /);
            assert.match(answer, reason);
        });
    }

    it("is refused with a document that is absent, or of a host that is not trusted", async () => {
        assert.equal(await ask("absent"), "400 Client Metadata fetch failed");
        const other = `${keycloak.podUrl}/program.json`;
        assert.equal(await askAuthorization(stack, other), notFound);
    });

    it("must use PKCE, its own redirect, and gets the scopes of the given servers alone", async () => {
        const noChallenge = { code_challenge: "", code_challenge_method: "" };
        assert.equal(await ask("good", noChallenge), "302 error=invalid_request");
        const elsewhere = { redirect_uri: `${redirectUri}/more` };
        assert.equal(await ask("good", elsewhere), "400 Invalid parameter: redirect_uri");
        assert.equal(await ask("good", { scope: "mcp:greet" }), "302 error=invalid_scope");
    });

    it("is refused once the stack says nothing of it any more, unless it is known already", async () => {
        await deployRegistration(stack);
        assert.equal(await ask("later"), notFound);
        assert.equal(await ask("good"), "200");
    });
});
