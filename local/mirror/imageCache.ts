import { createWriteStream, openAsBlob } from "node:fs";
import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";

import { paths } from "../paths.ts";
import type { BaseImage } from "./baseImages.ts";
import type {
    BlobDescription,
    Manifest,
    ManifestContent,
    RegistryClient,
} from "./registryClient.ts";

const directory = join(paths.cache, "images");

/** Copies an image from the registry into the build cache, so that a new platform need not build it again. */
export async function saveImage(
    registry: RegistryClient,
    image: BaseImage,
    key: string,
): Promise<void> {
    const manifest = await registry.readManifest(image.repository, image.tag);
    if (manifest === undefined) throw new Error(`base image ${image.name}: not in the registry`);
    await mkdir(join(directory, "blobs"), { recursive: true });
    for (const blob of listBlobs(manifest)) {
        const { digest } = blob;
        if (await isWhole(blob)) continue;
        const { body } = await registry.readBlob(image.repository, digest);
        await writeWhole(blobFile(digest), (unfinished) =>
            pipeline(
                Readable.fromWeb(body as ReadableStream<Uint8Array>),
                createWriteStream(unfinished),
            ),
        );
    }
    const text = JSON.stringify({ ...manifest, body: manifest.body.toString("base64") });
    await writeWhole(manifestFile(image, key), (unfinished) => writeFile(unfinished, text));
}

/** Copies a complete image from the build cache into the registry. */
export async function restoreImage(
    registry: RegistryClient,
    image: BaseImage,
    key: string,
): Promise<void> {
    const manifest = await readCachedManifest(image, key);
    if (manifest === undefined) throw new Error(`base image ${image.name}: not in the build cache`);
    const { repository, tag } = image;
    await Promise.all(
        listBlobs(manifest).map(async ({ digest }) => {
            if (await registry.hasBlob(repository, digest)) return;
            await registry.writeBlob(repository, digest, await openAsBlob(blobFile(digest)));
        }),
    );
    await registry.writeManifest(repository, tag, manifest);
}

/** Manifest of a cached image; undefined unless the cache has all its blobs. */
export async function readCachedManifest(
    image: BaseImage,
    key: string,
): Promise<Manifest | undefined> {
    const text = await readFile(manifestFile(image, key), "utf8").catch(() => undefined);
    if (text === undefined) return undefined;
    const { mediaType, body } = JSON.parse(text) as { mediaType: string; body: string };
    const manifest = { mediaType, body: Buffer.from(body, "base64") };
    for (const blob of listBlobs(manifest)) {
        if (!(await isWhole(blob))) return undefined;
    }
    return manifest;
}

function listBlobs({ body }: Manifest): BlobDescription[] {
    const { config, layers } = JSON.parse(body.toString()) as ManifestContent;
    const blobs = [config, ...layers].map((blob) => [blob.digest, blob] as const);
    return [...new Map(blobs).values()];
}

function manifestFile({ name }: BaseImage, key: string): string {
    return join(directory, `${name}-${key}.json`);
}

function blobFile(digest: string): string {
    return join(directory, "blobs", digest.replace(":", "-"));
}

/** Renames a file to its final name when it is complete, so that a killed run leaves no partial file there. */
async function writeWhole(
    file: string,
    write: (unfinished: string) => Promise<void>,
): Promise<void> {
    const unfinished = `${file}.${process.pid}`;
    await write(unfinished);
    await rename(unfinished, file);
}

/** Whether the cache has a blob in full length: a power cut can truncate files. */
function isWhole({ digest, size }: BlobDescription): Promise<boolean> {
    return stat(blobFile(digest)).then(
        (file) => file.size === size,
        () => false,
    );
}
