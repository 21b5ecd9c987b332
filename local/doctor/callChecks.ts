import { findClientFor, requestAccessToken } from "../../verify/accessToken.ts";
import { describeHandshake } from "../../verify/handshake.ts";
import { type VerificationError, verifyServer } from "../../verify/verifyServer.ts";
import type { Finding } from "./finding.ts";
import { given, type Patient } from "./patient.ts";

/** Every server answers the first message of a client through its public URL. */
export async function findHandshakeFinding(patient: Patient): Promise<Finding | undefined> {
    const outputs = given(patient);
    for (const [server, url] of Object.entries(outputs.endpoints)) {
        const client = findClientFor(outputs, server);
        const why = await describeHandshake(url, await requestAccessToken(outputs, client));
        if (why === undefined) continue;
        return {
            what: `server '${server}' does not answer as an MCP server at ${url}`,
            why,
            repair: /answered 401/.test(why)
                ? `${patient.commands.kubectl} logs -l app.kubernetes.io/component=token-verifier (why tokens are refused), then ${patient.commands.restore}`
                : `${patient.commands.kubectl} logs -l app.kubernetes.io/name=${server}; correct 'transport', 'port' or 'mcpPath' of the server, then ${patient.commands.restore}`,
        };
    }
    return undefined;
}

/** Every server passes what `npm run verify` asks of it: both SDKs, tools, and the configured probe. */
export async function findCallFinding(patient: Patient): Promise<Finding | undefined> {
    const outputs = given(patient);
    for (const server of Object.keys(outputs.endpoints)) {
        try {
            await verifyServer(outputs, server);
        } catch (error) {
            const { step = "call", message } = error as VerificationError;
            return {
                what: `server '${server}' fails at: ${step}`,
                why: message,
                repair: `correct the server or its 'probe' in 'slipway:servers', then ${patient.commands.deploy}`,
            };
        }
    }
    return undefined;
}
