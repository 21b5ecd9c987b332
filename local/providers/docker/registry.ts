import { retryLost } from "../../lostConnection.ts";
import { splitImageName } from "./imageName.ts";

/** Who asks a registry; anonymous without a name. */
export interface RegistryLogin {
    username: string | undefined;
    password: string | undefined;
}

const manifestTypes = [
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
].join(", ");

/**
 * Deletes a pushed manifest by digest, unless another tag of the repository names it too.
 *
 * Gives a note where the manifest stays: a registry may forbid deletion, and then its own retention decides.
 */
export async function deleteFromRegistry(
    imageName: string,
    reference: string,
    login: RegistryLogin,
): Promise<string | undefined> {
    const { registry, repository, tag } = splitImageName(imageName);
    const digest = reference.split("@")[1];
    if (digest === undefined) return undefined;
    const ask = await connect(registry, repository, login);
    const shared = await findOtherTag(ask, repository, tag, digest);
    if (shared !== undefined) return `'${reference}' stays: tag '${shared}' names it too`;
    const { status } = await ask("DELETE", `${repository}/manifests/${digest}`);
    if (status < 300 || status === 404) return undefined;
    return `'${reference}' stays: the registry answered ${status} to its deletion`;
}

/** Time for a registry to come back. */
const retry = { seconds: 30 };

type Ask = (method: string, path: string) => Promise<Response>;

/** Finds how the registry is spoken to: with TLS, or without on this machine, and with the token it wants. */
async function connect(
    registry: string,
    repository: string,
    { username, password }: RegistryLogin,
): Promise<Ask> {
    const local = /^(localhost|127\.[\d.]+)(:|$)/.test(registry);
    const base = `${local ? "http" : "https"}://${registry}/v2`;
    const headers: Record<string, string> = { accept: manifestTypes };
    if (username !== undefined) {
        const pair = Buffer.from(`${username}:${password ?? ""}`).toString("base64");
        headers["authorization"] = `Basic ${pair}`;
    }
    const response = await retryLost(() => fetch(`${base}/`, { headers }), retry);
    await response.body?.cancel();
    const challenge = response.headers.get("www-authenticate") ?? "";
    const realm = /realm="([^"]+)"/.exec(challenge)?.[1];
    if (response.status === 401 && /^bearer/i.test(challenge) && realm !== undefined) {
        const url = new URL(realm);
        const service = /service="([^"]+)"/.exec(challenge)?.[1];
        if (service !== undefined) url.searchParams.set("service", service);
        url.searchParams.set("scope", `repository:${repository}:pull,delete`);
        const granted = (await (await fetch(url, { headers })).json()) as Record<string, string>;
        headers["authorization"] = `Bearer ${granted["token"] ?? granted["access_token"]}`;
    }
    return (method, path) => retryLost(() => fetch(`${base}/${path}`, { method, headers }), retry);
}

async function findOtherTag(
    ask: Ask,
    repository: string,
    own: string,
    digest: string,
): Promise<string | undefined> {
    const listed = await ask("GET", `${repository}/tags/list`);
    if (!listed.ok) return undefined;
    const { tags } = (await listed.json()) as { tags?: string[] | null };
    for (const tag of (tags ?? []).filter((one) => one !== own)) {
        const head = await ask("HEAD", `${repository}/manifests/${tag}`);
        if (head.headers.get("docker-content-digest") === digest) return tag;
    }
    return undefined;
}
