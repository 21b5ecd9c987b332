import { startVerifier, type Verifier, type VerifierTimes } from "../../src/verifier/verifier.ts";
import type { VerifierConfig } from "../../src/verifier/verifierConfig.ts";
import type { Log } from "../../src/log/log.ts";
import { issuerName, resource } from "./issuer.ts";

/** The servers that the verifier of a test protects. */
export const servers = [
    { name: "add", resource, scopes: ["mcp:add"] },
    { name: "other", resource: "https://mcp.example.org/other/mcp", scopes: ["mcp:other"] },
];

/** Starts a verifier at free ports, which neither cools down nor waits for long. */
export function startTestVerifier(
    jwksUri: string,
    log: Log = () => undefined,
    more: Partial<VerifierConfig> = {},
    times: VerifierTimes = {},
) {
    const config = { issuer: issuerName, jwksUri, servers, ...more };
    return startVerifier(config, { gateway: 0, management: 0 }, log, {
        coolDown: 500,
        refreshInterval: 60_000,
        retryInterval: 50,
        quietTime: 50,
        ...times,
    });
}

/** Asks as a gateway does. */
export async function verify({ port }: Verifier, authorization?: string, name = "add") {
    const headers = authorization === undefined ? {} : { authorization };
    const response = await fetch(`http://127.0.0.1:${port}/verify/${name}`, { headers });
    return { status: response.status, headers: response.headers };
}

/** Whether the verifier says it is ready. */
export const ready = async ({ port }: Verifier): Promise<boolean> =>
    (await fetch(`http://127.0.0.1:${port}/readyz`)).status === 200;
