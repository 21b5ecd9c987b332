import { setTimeout as delay } from "node:timers/promises";
import { getCACertificates, setDefaultCACertificates } from "node:tls";

import type { StackOutputs } from "./outputs.ts";
import { verifyServer } from "./verifyServer.ts";
import type { VerifiedServer } from "./verifyServer.ts";

export interface VerifyOptions {
    /** @default console.log */
    print?: (line: string) => void;
    /**
     * How long a failed server is called again, in milliseconds from the first call of the stack: for as long as pods of its
     * former version may still answer over connections that the gateway keeps.
     *
     * @default 0
     */
    patienceMs?: number;
}

/** Pause before a failed server is called again. */
const pauseMs = 2000;

/**
 * Verifies the servers of a stack in turn and prints one line per server.
 *
 * Throws after the last server, with all failures.
 */
export async function verifyStack(
    outputs: StackOutputs,
    { print = console.log, patienceMs = 0 }: VerifyOptions = {},
): Promise<VerifiedServer[]> {
    trustCertificates(outputs.caCertificates);
    const verified: VerifiedServer[] = [];
    const failures: string[] = [];
    const last = performance.now() + patienceMs - pauseMs;
    const verify = async (server: string): Promise<VerifiedServer> => {
        for (let told = false; ; told = true) {
            try {
                return await verifyServer(outputs, server);
            } catch (error) {
                if (performance.now() > last) throw error;
                if (!told)
                    print(
                        `… ${(error as Error).message}; calling it again, as former pods may still answer`,
                    );
                await delay(pauseMs);
            }
        }
    };
    for (const server of Object.keys(outputs.endpoints)) {
        try {
            const one = await verify(server);
            verified.push(one);
            print(describeServer(one));
        } catch (error) {
            failures.push((error as Error).message);
            print(`✖ ${(error as Error).message}`);
        }
    }
    if (failures.length > 0) {
        throw new Error(
            [
                `${failures.length} of ${verified.length + failures.length} servers failed`,
                ...failures,
            ].join("\n  - "),
        );
    }
    return verified;
}

const trusted = new Set<string>();

/** Adds the stack's private certificate authorities to those that this process trusts. */
export function trustCertificates(pem = ""): void {
    const certificates = pem.match(/-----BEGIN CERTIFICATE-----[^]+?-----END CERTIFICATE-----/g);
    const added = (certificates ?? []).filter((certificate) => !trusted.has(certificate));
    if (added.length === 0) return;
    for (const certificate of added) trusted.add(certificate);
    setDefaultCACertificates([...getCACertificates("default"), ...added]);
}

function describeServer(one: VerifiedServer): string {
    const { server, url, name, version, protocolVersions, tools, latencyMs } = one;
    return [
        `✔ ${server}`,
        url,
        `${name} ${version}`,
        `MCP ${protocolVersions.join(" and ")}`,
        `tools ${tools.join(", ")}`,
        `${latencyMs.toFixed(0)} ms`,
    ].join("  ");
}
