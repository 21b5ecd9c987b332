import type { BaseImage } from "./baseImages.ts";

const hosts = { "docker.io": "registry-1.docker.io", "quay.io": "quay.io" };
const timeoutMs = 5000;

/** Whether the public registry serves a base image to this machine. */
export async function upstreamServes({ upstream, repository, tag }: BaseImage): Promise<boolean> {
    const url = `https://${hosts[upstream]}/v2/${repository}/manifests/${tag}`;
    try {
        const first = await ask(url);
        if (first.status !== 401) return first.ok;
        const token = await readToken(first.headers.get("www-authenticate") ?? "");
        return (await ask(url, token)).ok;
    } catch {
        // DNS, routing or TLS failed; nothing can be pulled from there.
        return false;
    }
}

function ask(url: string, token?: string): Promise<Response> {
    const accept =
        "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json";
    const headers = token === undefined ? { accept } : { accept, authorization: `Bearer ${token}` };
    return fetch(url, { method: "HEAD", headers, signal: AbortSignal.timeout(timeoutMs) });
}

/** Gets an anonymous token from the realm of the challenge. */
async function readToken(challenge: string): Promise<string> {
    const { realm, ...query } = parseChallenge(challenge);
    const url = new URL(realm ?? "");
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    const { token = "" } = (await response.json()) as { token?: string };
    return token;
}

/** The parameters of a `WWW-Authenticate: Bearer` header. */
export function parseChallenge(challenge: string): Record<string, string> {
    const parameters = challenge.matchAll(/([a-z_]+)="([^"]*)"/gi);
    return Object.fromEntries([...parameters].map(([, name = "", value = ""]) => [name, value]));
}
