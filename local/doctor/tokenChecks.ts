import { requestAccessToken } from "../../verify/accessToken.ts";
import { describeCause } from "../../verify/verifyServer.ts";
import { askUrl } from "./ask.ts";
import type { Finding } from "./finding.ts";
import { given, type Patient } from "./patient.ts";

/** Keycloak serves the realm under the issuer's name. */
export async function findKeycloakFinding(patient: Patient): Promise<Finding | undefined> {
    const { issuer, realm } = patient.identity;
    const answer = await askUrl(`${issuer}/.well-known/openid-configuration`);
    const repair = patient.commands.restore;
    if ("error" in answer) {
        return { what: "Keycloak does not answer", why: `${issuer}: ${answer.error}`, repair };
    }
    if (!answer.ok) {
        const why = `${issuer} answered ${answer.status}: ${answer.text.slice(0, 200)}`;
        return { what: `Keycloak does not serve the realm '${realm}'`, why, repair };
    }
    const { issuer: own } = parseObject(answer.text) as { issuer?: string };
    if (own === issuer) return undefined;
    return {
        what: "Keycloak has another name than the stack expects",
        why: `'slipway:identity.issuer' is '${issuer}', Keycloak says '${own ?? answer.text.slice(0, 100)}'`,
        repair: `pulumi config set --path 'slipway:identity.issuer' '${own ?? "<issuer>"}', then ${patient.commands.deploy}`,
    };
}

/** Every machine client gets a token. */
export async function findTokenFinding(patient: Patient): Promise<Finding | undefined> {
    const outputs = given(patient);
    for (const client of Object.keys(outputs.clients)) {
        try {
            await requestAccessToken(outputs, client);
        } catch (error) {
            return {
                what: `the client '${client}' gets no token`,
                why: describeCause(error),
                repair: patient.commands.restore,
            };
        }
    }
    return undefined;
}

/** Every token is of the issuer, valid now, and names the servers that its client may call. */
export async function findAudienceFinding(patient: Patient): Promise<Finding | undefined> {
    const outputs = given(patient);
    const repair = patient.commands.restore;
    for (const [client, { servers }] of Object.entries(outputs.clients)) {
        const claims = readClaims(await requestAccessToken(outputs, client));
        const wrong = servers.find((server) => {
            return !claims.aud.includes(outputs.endpoints[server] ?? "");
        });
        if (wrong !== undefined) {
            const why = `it must carry '${outputs.endpoints[wrong]}', it carries ${claims.aud.join(", ") || "none"}`;
            return { what: `a token of '${client}' is not for server '${wrong}'`, why, repair };
        }
        if (claims.iss !== patient.identity.issuer) {
            const why = `it is of '${claims.iss}', 'slipway:identity.issuer' is '${patient.identity.issuer}'`;
            return { what: `a token of '${client}' is of another issuer`, why, repair };
        }
        if (claims.exp * 1000 < Date.now() || claims.iat * 1000 > Date.now() + 60_000) {
            const why = `Keycloak's clock shows ${new Date(claims.iat * 1000).toISOString()}, this one ${new Date().toISOString()}`;
            return {
                what: `a new token of '${client}' is not valid now`,
                why,
                repair: "date --set; or let both machines follow NTP",
            };
        }
    }
    return undefined;
}

interface Claims {
    iss: string;
    aud: string[];
    exp: number;
    iat: number;
}

function readClaims(token: string): Claims {
    const text = Buffer.from(token.split(".")[1] ?? "", "base64url").toString();
    const { iss = "", aud = [], exp = 0, iat = 0 } = parseObject(text) as Partial<Claims>;
    return { iss, aud: [aud].flat(), exp, iat };
}

function parseObject(text: string): object {
    try {
        return JSON.parse(text) as object;
    } catch {
        return {};
    }
}
