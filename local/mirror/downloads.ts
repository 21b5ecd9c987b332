import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";

import { paths } from "../paths.ts";
import type { StepLog } from "../steps.ts";

/** A file from a package registry, verified by digest. */
export interface Download {
    /** Name in messages. */
    title: string;
    /** `npm`: 'name@version'. `maven`: 'group:artifact:version:packaging'. */
    source: { npm: string } | { maven: string };
    /** Required digest, '<algorithm>-<base64>' as in npm's lock files. */
    integrity: string;
}

const arch = process.arch === "arm64" ? "arm64" : "x64";

/** Downloads that a Dockerfile cannot fetch, because its base image lacks the registry's client. */
export const downloads = {
    node: {
        title: "Node.js 24.21.0",
        source: { npm: `node-linux-${arch}@24.21.0` },
        integrity: {
            x64: "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
            arm64: "sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==",
        }[arch],
    },
    npm: {
        title: "npm 11.21.2",
        source: { npm: "npm@11.21.2" },
        integrity:
            "sha512-7HPApk+AflMUavSseL1Pm6CnYqMIHk53x+KmuhqmTDqPkjPMgxIpTPcTqsE91EKNw4gFBJV9fnXiSdGm1DXq9A==",
    },
    keycloak: {
        title: "Keycloak 26.7.0",
        source: { maven: "org.keycloak:keycloak-quarkus-dist:26.7.0:zip" },
        integrity: "sha256-5jvQFnGZwAkrik0izBN+a3pw4AiQcPb3eZsb5QS2moo=",
    },
} satisfies Record<string, Download>;

/** Newest release that works with the Maven of Debian 12. */
const mavenGet = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:get";

/** Returns the path of a download in the cache, after fetching it with its registry's own client if necessary. */
export async function fetchDownload(download: Download, log: StepLog): Promise<string> {
    const directory = join(paths.cache, "downloads");
    const file = join(directory, cacheName(download));
    if ((await readIntegrity(file, download.integrity)) === download.integrity) return file;
    const unfinished = `${file}.unfinished`;
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { recursive: true });
    try {
        const fetched =
            "npm" in download.source
                ? await packNpm(download.source.npm, unfinished, log)
                : await getMaven(download.source.maven, unfinished, log);
        const integrity = await readIntegrity(fetched, download.integrity);
        if (integrity !== download.integrity) {
            throw new Error(
                `${download.title}: must have digest '${download.integrity}', got '${integrity}'; ` +
                    "the registry or a proxy before it served another file",
            );
        }
        await rename(fetched, file);
    } finally {
        await rm(unfinished, { recursive: true, force: true });
    }
    return file;
}

async function packNpm(specification: string, directory: string, log: StepLog): Promise<string> {
    const args = ["pack", specification, "--pack-destination", directory, "--json"];
    const [packed] = JSON.parse(await log.run("npm", args, { cwd: directory })) as {
        filename: string;
    }[];
    if (packed === undefined) throw new Error(`npm pack ${specification}: produced no file`);
    return join(directory, basename(packed.filename));
}

async function getMaven(coordinates: string, directory: string, log: StepLog): Promise<string> {
    const [group = "", artifact = "", version = "", packaging = ""] = coordinates.split(":");
    const options = ["--batch-mode", "--no-transfer-progress", "--strict-checksums"];
    const repository = `-Dmaven.repo.local=${directory}`;
    const args = [mavenGet, repository, `-Dartifact=${coordinates}`, "-Dtransitive=false"];
    await log.run("mvn", [...options, ...args], { cwd: directory });
    const place = join(directory, ...group.split("."), artifact, version);
    return join(place, `${artifact}-${version}.${packaging}`);
}

/** Digest of a file, in the format and algorithm of `like`; undefined when there is no file. */
async function readIntegrity(file: string, like: string): Promise<string | undefined> {
    const algorithm = like.slice(0, like.indexOf("-"));
    const hash = createHash(algorithm);
    try {
        await pipeline(createReadStream(file), hash);
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
    }
    return `${algorithm}-${hash.digest("base64")}`;
}

function cacheName({ source, integrity }: Download): string {
    const name = "npm" in source ? source.npm : source.maven;
    const digest = createHash("sha256").update(integrity).digest("hex").slice(0, 8);
    return `${name.replaceAll(/[^A-Za-z0-9.]+/g, "-")}-${digest}`;
}
