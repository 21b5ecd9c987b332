import { getCACertificates, setDefaultCACertificates } from "node:tls";

import type { StackOutputs } from "./outputs.ts";
import { verifyServer } from "./verifyServer.ts";
import type { VerifiedServer } from "./verifyServer.ts";

/**
 * Verifies the servers of a stack in turn and prints one line per server.
 *
 * Throws after the last server, with all failures.
 */
export async function verifyStack(
    outputs: StackOutputs,
    print: (line: string) => void = console.log,
): Promise<VerifiedServer[]> {
    trustCertificates(outputs.caCertificates);
    const verified: VerifiedServer[] = [];
    const failures: string[] = [];
    for (const server of Object.keys(outputs.endpoints)) {
        try {
            const one = await verifyServer(outputs, server);
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
