import { decodeJwt } from "jose";
import assert from "node:assert/strict";

import type { ClientRegistration } from "../../components/index.ts";
import { programs } from "./loginProgram.ts";
import type { LoginProgram } from "./loginProgram.ts";
import { LoginProvider } from "./loginProvider.ts";
import { Person } from "./person.ts";
import { changeConfiguration, type TestStack } from "./testStack.ts";

/** Where programs that are registered by hand receive the answer; nothing listens there. */
export const redirectUri = "http://localhost:49152/callback";

/** Deploys the realm of a stack with a way to register, or with none. */
export async function deployRegistration(
    { stack, up }: TestStack,
    registration?: ClientRegistration,
): Promise<void> {
    await changeConfiguration(stack, ({ "slipway:identity": identity }) => {
        delete identity["registration"];
        if (registration !== undefined) identity["registration"] = registration;
    });
    await up();
}

/** The issuer of a stack. */
export function issuerOf({ outputs }: TestStack): string {
    const { tokenEndpoint } = Object.values(outputs.clients)[0]!;
    return tokenEndpoint.replace(/\/protocol\/.*$/, "");
}

/** Answer of Keycloak to a program that sends a browser: the status, and the error of a redirect or of the page. */
export async function askAuthorization(
    stack: TestStack,
    clientId: string,
    changes: Record<string, string> = {},
): Promise<string> {
    const query = new URLSearchParams({
        ...{ client_id: clientId, redirect_uri: redirectUri, response_type: "code" },
        code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        ...{ code_challenge_method: "S256", scope: "mcp:add-numbers", ...changes },
    });
    const page = `${issuerOf(stack)}/protocol/openid-connect/auth?${query.toString()}`;
    const answer = await fetch(page, { redirect: "manual" });
    const [error] = /error=\w+/.exec(answer.headers.get("location") ?? "") ?? [];
    const [, reason] = /class="instruction">([^<]*)</.exec(await answer.text()) ?? [];
    return `${answer.status} ${error ?? reason ?? ""}`.trim();
}

/** A person of a stack's realm, which is in the platform's Keycloak if no other is given. */
export async function invitePerson(
    { name, outputs }: TestStack,
    keycloak?: string,
): Promise<Person> {
    const person = new Person(name, keycloak);
    await person.arrive(outputs.caCertificates ?? "");
    return person;
}

/** What became of a login: the requests of the program, and the client id that it had. */
export interface Login {
    program: LoginProgram;
    clientId: string;
}

/**
 * Logs a person in with a program that knows the URL of a server, and calls its tool. Its client id is the URL of its
 * metadata document, where it has one; otherwise the program registers itself.
 */
export async function logInUnregistered(
    { outputs }: TestStack,
    sdk: string,
    person: Person,
    document?: string,
): Promise<Login> {
    const url = outputs.endpoints["add-numbers"]!;
    await person.forget();
    const provider = await LoginProvider.open(person, {});
    provider.clientMetadataUrl = document;
    const program = programs[sdk]!(url, provider, () => provider.takeAnswer());
    try {
        await program.connect();
        assert.equal(await program.call("add_numbers", { a: 19, b: 23 }), "42");
        const claims = decodeJwt(provider.tokens()!.access_token);
        assert.deepEqual([claims.aud, claims.sub], [url, person.subject]);
        const logins = provider.authorizations.map(String).join("\n");
        assert.ok(provider.asked.length > 0, `the person must have been asked:\n${logins}`);
        return { program, clientId: String(claims["azp"]) };
    } finally {
        await program.close();
        provider.close();
    }
}
