import { decodeJwt } from "jose";
import assert from "node:assert/strict";

import type { ClientRegistration } from "../../components/index.ts";
import { programs } from "./loginProgram.ts";
import type { LoginProgram } from "./loginProgram.ts";
import { LoginProvider } from "./loginProvider.ts";
import { Person } from "./person.ts";
import { changeConfiguration, testStack } from "./testStack.ts";

/** Where programs that are registered by hand receive the answer; nothing listens there. */
export const redirectUri = "http://localhost:49152/callback";

/** Deploys the realm of the test stack with a way to register, or with none. */
export async function deployRegistration(registration?: ClientRegistration): Promise<void> {
    const { stack, up } = await testStack();
    await changeConfiguration(stack, ({ "slipway:identity": identity }) => {
        delete identity["registration"];
        if (registration !== undefined) identity["registration"] = registration;
    });
    await up();
}

/** The issuer of the test stack. */
export async function readIssuer(): Promise<string> {
    const { outputs } = await testStack();
    const { tokenEndpoint } = Object.values(outputs.clients)[0]!;
    return tokenEndpoint.replace(/\/protocol\/.*$/, "");
}

/** Answer of Keycloak to a program that sends a browser: the status, and the error of a redirect. */
export async function askAuthorization(
    clientId: string,
    changes: Record<string, string> = {},
): Promise<string> {
    const query = new URLSearchParams({
        ...{ client_id: clientId, redirect_uri: redirectUri, response_type: "code" },
        code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        ...{ code_challenge_method: "S256", scope: "mcp:add-numbers", ...changes },
    });
    const page = `${await readIssuer()}/protocol/openid-connect/auth?${query.toString()}`;
    const { status, headers } = await fetch(page, { redirect: "manual" });
    return `${status} ${/error=\w+/.exec(headers.get("location") ?? "")?.[0] ?? ""}`.trim();
}

/** A person of the test stack's realm. */
export async function invitePerson(): Promise<Person> {
    const { name, outputs } = await testStack();
    const person = new Person(name);
    await person.arrive(outputs.caCertificates ?? "");
    return person;
}

/** What became of a login: the requests of the program, and the client id that it had. */
export interface Login {
    program: LoginProgram;
    clientId: string;
}

/**
 * Logs a person in with a program that knows the URL of a server, and calls its tool. `publish` makes the program's
 * metadata document, whose URL is its client id; without it the program registers itself.
 */
export async function logInUnregistered(
    sdk: string,
    person: Person,
    publish?: (redirectUrl: string) => string,
): Promise<Login> {
    const { outputs } = await testStack();
    const url = outputs.endpoints["add-numbers"]!;
    await person.forget();
    const provider = await LoginProvider.open(person, {});
    provider.clientMetadataUrl = publish?.(provider.redirectUrl);
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
