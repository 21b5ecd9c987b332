import type { Attack, AttackTarget } from "../attack.ts";
import { sendRequest } from "../http1.ts";
import type { ConnectionOptions } from "node:tls";

interface TlsCase {
    name: string;
    tls: ConnectionOptions;
}

/** Handshakes that must fail. `@SECLEVEL=0` lets this side offer what OpenSSL no longer offers. */
const cases: TlsCase[] = [
    {
        name: "TLS 1.0",
        tls: { minVersion: "TLSv1", maxVersion: "TLSv1", ciphers: "ALL:@SECLEVEL=0" },
    },
    {
        name: "TLS 1.1",
        tls: { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "ALL:@SECLEVEL=0" },
    },
    ...[
        "aNULL",
        "eNULL",
        "RC4",
        "3DES",
        "MD5",
        "EXPORT",
        "kRSA",
        "PSK",
        "SHA1",
        "SHA256",
        "SHA384",
        "CAMELLIA",
    ].map((suites) => ({
        name: `TLS 1.2 with suites of ${suites} only`,
        tls: { maxVersion: "TLSv1.2" as const, ciphers: `${suites}:@SECLEVEL=0` },
    })),
];

export const tlsAttacks: Attack[] = [
    ...cases.map(({ name, tls }) => ({
        group: "TLS",
        name,
        expected: ["closed" as const],
        // Without any suite of its own this side cannot even start: that is no connection either.
        send: (target: AttackTarget) =>
            sendRequest(target, { token: target.token }, { tls }).catch((error: unknown) => {
                if ((error as NodeJS.ErrnoException).code?.startsWith("ERR_SSL")) {
                    return { answers: [], closed: true };
                }
                throw error;
            }),
    })),
    {
        group: "TLS",
        name: "HTTP without TLS",
        expected: [301, 302, 307, 308, 400, "closed"],
        send: (target) => sendRequest(target, { token: target.token }, { plain: true }),
    },
];
