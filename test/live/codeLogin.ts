import { createHash, randomBytes } from "node:crypto";

/** A login with a public client: authorization code and PKCE S256. */
export interface CodeLogin {
    issuer: string;
    clientId: string;
    redirectUri: string;
    username: string;
    password: string;
    scope: string;
    /** RFC 8707 `resource` of both requests; left out when undefined. */
    resource?: string;
}

/** Logs in on Keycloak's own page and gives the answer of the token endpoint. */
export async function logIn(login: CodeLogin): Promise<Record<string, unknown>> {
    const { issuer, clientId, redirectUri, scope, username, password } = login;
    const resource: Record<string, string> =
        login.resource === undefined ? {} : { resource: login.resource };
    const verifier = randomBytes(32).toString("base64url");
    const challenge = createHash("sha256").update(verifier).digest("base64url");
    const endpoint = `${issuer}/protocol/openid-connect`;
    const query = new URLSearchParams({
        ...{ response_type: "code", client_id: clientId, redirect_uri: redirectUri, scope },
        ...{ code_challenge: challenge, code_challenge_method: "S256", ...resource },
    });
    const page = await fetch(`${endpoint}/auth?${query.toString()}`, { redirect: "manual" });
    const text = await page.text();
    const action = /action="([^"]+)"/.exec(text)?.[1]?.replaceAll("&amp;", "&");
    if (action === undefined) {
        const location = page.headers.get("location") ?? "";
        throw new Error(`${endpoint}/auth: no login page, but ${page.status} ${location}`);
    }
    const cookie = page.headers
        .getSetCookie()
        .map((one) => one.split(";")[0])
        .join("; ");
    const answer = await fetch(action, {
        method: "POST",
        redirect: "manual",
        headers: { cookie },
        body: new URLSearchParams({ username, password }),
    });
    const location = answer.headers.get("location") ?? "";
    const code = URL.canParse(location) ? new URL(location).searchParams.get("code") : null;
    if (code === null) throw new Error(`${username}: no code, but ${answer.status} ${location}`);
    const token = await fetch(`${endpoint}/token`, {
        method: "POST",
        body: new URLSearchParams({
            ...{ grant_type: "authorization_code", code, client_id: clientId },
            ...{ redirect_uri: redirectUri, code_verifier: verifier, ...resource },
        }),
    });
    return (await token.json()) as Record<string, unknown>;
}
