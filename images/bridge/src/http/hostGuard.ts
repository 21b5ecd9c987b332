import type { IncomingMessage } from "node:http";
import { networkInterfaces } from "node:os";

export interface HostGuardArgs {
    /** Names (`mcp.example.org`, any port) or names with a port under which clients may reach the endpoint. */
    hosts: readonly string[];
    /** Further origins of browser clients, such as `https://inspector.example.org`; `*` is every one. */
    origins: readonly string[];
}

/**
 * Refuses requests that a web page could have made through a name of its own (DNS rebinding): the Host must be one the
 * endpoint goes by, and so must the host of an Origin. The addresses of this machine are always allowed; nobody can
 * rebind an address.
 *
 * @returns a function that gives the reason for a refusal, or undefined
 */
export function createHostGuard({ hosts, origins }: HostGuardArgs) {
    const own = Object.values(networkInterfaces()).flatMap((found) =>
        (found ?? []).map(({ address, family }) => (family === "IPv6" ? `[${address}]` : address)),
    );
    const names = new Set(
        [...hosts, "localhost", "127.0.0.1", "[::1]", ...own].map((name) => name.toLowerCase()),
    );
    const allowed = (host: string): boolean =>
        names.has(host) || names.has(host.replace(/:\d+$/, ""));
    /** The Host of the last request that could go on: nearly all are the same. */
    let last = "";

    return ({ headers: { host, origin } }: IncomingMessage): string | undefined => {
        if (host === undefined || (host !== last && !allowed(host.toLowerCase()))) {
            return `host '${host ?? ""}' is not one of this endpoint; add it to SLIPWAY_ALLOWED_HOSTS`;
        }
        last = host;
        if (origin === undefined || origins.includes("*") || origins.includes(origin)) {
            return undefined;
        }
        const originHost = /^https?:\/\/([^/]+)$/i.exec(origin)?.[1];
        return originHost !== undefined && allowed(originHost.toLowerCase())
            ? undefined
            : `origin '${origin}' may not call this endpoint; add it to SLIPWAY_ALLOWED_ORIGINS`;
    };
}
