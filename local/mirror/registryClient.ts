import { retryLost } from "../lostConnection.ts";

import { createHash } from "node:crypto";

/** A manifest as received: exact bytes, because its digest is computed over them. */
export interface Manifest {
    mediaType: string;
    body: Buffer;
}

/** Digest of a manifest, by which its image is pulled. */
export function digestOf({ body }: Manifest): string {
    return `sha256:${createHash("sha256").update(body).digest("hex")}`;
}

/** The blobs of an image manifest (Docker's schema 2 and OCI). */
export interface ManifestContent {
    config: BlobDescription;
    layers: BlobDescription[];
}

export interface BlobDescription {
    digest: string;
    /** In bytes. */
    size: number;
}

/** Time for a killed registry to answer again. */
const backWithinSeconds = 30;

const mediaTypes = [
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
];

/** Client of the registry protocol (distribution-spec), without credentials; only the needed operations. */
export class RegistryClient {
    readonly #base: string;

    /** @param address - Host and port, such as 'localhost:30500'. */
    constructor(address: string) {
        this.#base = `http://${address}/v2`;
    }

    /** Whether a registry answers at the address. */
    async answers(): Promise<boolean> {
        const response = await fetch(`${this.#base}/`, { signal: AbortSignal.timeout(3000) }).catch(
            () => undefined,
        );
        await response?.body?.cancel();
        return response?.ok === true && response.headers.has("docker-distribution-api-version");
    }

    /** The manifest of a tag; undefined when there is none. */
    async readManifest(repository: string, tag: string): Promise<Manifest | undefined> {
        const response = await this.#request(`${repository}/manifests/${tag}`, {
            headers: { accept: mediaTypes.join(", ") },
        });
        if (response === undefined) return undefined;
        const mediaType = response.headers.get("content-type") ?? "";
        return { mediaType, body: Buffer.from(await response.arrayBuffer()) };
    }

    /** The labels of an image. */
    async readLabels(repository: string, manifest: Manifest): Promise<Record<string, string>> {
        const parse = (text: string): unknown => {
            try {
                return JSON.parse(text);
            } catch (error) {
                const { message } = error as Error;
                throw new Error(`registry: image '${repository}' is damaged: ${message}`, {
                    cause: error,
                });
            }
        };
        const { config } = parse(manifest.body.toString()) as Partial<ManifestContent>;
        // A multi-platform index has no configuration, and was not pushed by us.
        if (config === undefined) return {};
        const blob = await this.readBlob(repository, config.digest);
        const image = parse(await blob.text()) as {
            config?: { Labels?: Record<string, string> | null };
        };
        return image.config?.Labels ?? {};
    }

    async readBlob(repository: string, digest: string): Promise<Response> {
        const response = await this.#request(`${repository}/blobs/${digest}`);
        if (response === undefined) {
            throw new Error(`registry: image '${repository}' is damaged: blob '${digest}' is lost`);
        }
        return response;
    }

    async hasBlob(repository: string, digest: string): Promise<boolean> {
        const response = await this.#request(`${repository}/blobs/${digest}`, { method: "HEAD" });
        return response !== undefined;
    }

    /** Uploads a blob in one piece. The registry refuses a wrong digest. */
    async writeBlob(repository: string, digest: string, content: Blob): Promise<void> {
        const opened = await this.#require(`${repository}/blobs/uploads/`, { method: "POST" });
        const target = new URL(opened.headers.get("location") ?? "", opened.url);
        target.searchParams.set("digest", digest);
        await this.#require(target.href, {
            method: "PUT",
            headers: { "content-type": "application/octet-stream" },
            body: content,
        });
    }

    async writeManifest(repository: string, tag: string, manifest: Manifest): Promise<void> {
        await this.#require(`${repository}/manifests/${tag}`, {
            method: "PUT",
            headers: { "content-type": manifest.mediaType },
            body: new Uint8Array(manifest.body),
        });
    }

    async #require(path: string, init: RequestInit): Promise<Response> {
        const response = await this.#request(path, init);
        if (response === undefined) throw new Error(`registry ${this.#base}: no '${path}'`);
        return response;
    }

    /** A successful response; undefined for 404. */
    async #request(path: string, init?: RequestInit): Promise<Response | undefined> {
        const url = path.startsWith("http") ? path : `${this.#base}/${path}`;
        // All requests are idempotent but for the start of an upload, and an unused upload expires.
        const response = await retryLost(() => fetch(url, init), { seconds: backWithinSeconds });
        if (response.ok) return response;
        const text = await response.text();
        if (response.status === 404) return undefined;
        const method = init?.method ?? "GET";
        const said = `${method} ${url.split("?")[0]} returned ${response.status}: ${text.slice(0, 300)}`;
        // The registry answers but cannot read its own data.
        const unreadable = response.status === 500 && method === "GET";
        const [, image = path] = /^(.+)\/(?:manifests|blobs)\//.exec(path) ?? [];
        throw new Error(`registry: ${unreadable ? `image '${image}' is damaged: ` : ""}${said}`);
    }
}
