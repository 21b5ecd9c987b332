import * as docker from "@pulumi/docker";
import Docker from "dockerode";
import assert from "node:assert/strict";
import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { testRun } from "../testRun/testRun.ts";
import { describeContract } from "./contract.ts";

/** A registry to which the engine of DOCKER_HOST can push. */
const registry = process.env.SLIPWAY_TEST_REGISTRY ?? "localhost:30500";
const repository = `${testRun().name}-contract`;
const engine = new Docker();

const directory = await mkdtemp(join(tmpdir(), "slipway-image-"));
after(() => rm(directory, { recursive: true }));

/** Writes a new Dockerfile to the directory and builds an image of it. */
const imageOf =
    (tag: string, greeting: string, source = "greeting.txt") =>
    async () => {
        await writeFile(join(directory, "Dockerfile"), `FROM scratch\nCOPY ${source} /\n`);
        await writeFile(join(directory, "greeting.txt"), greeting);
        await writeFile(join(directory, ".dockerignore"), "ignored.txt\n");
        // Timestamps and ignored files must not change the image.
        await writeFile(join(directory, "ignored.txt"), String(Math.random()));
        await utimes(join(directory, "greeting.txt"), Math.random() * 1e9, Math.random() * 1e9);
        const image = new docker.Image("subject", {
            imageName: `${registry}/${repository}:${tag}`,
            build: { context: directory, dockerfile: join(directory, "Dockerfile") },
            registry: { server: registry, username: "nobody", password: "seen by no one" },
        });
        return { imageName: image.imageName, repoDigest: image.repoDigest };
    };

const manifests = `http://${registry}/v2/${repository}/manifests`;
const headers = { accept: "application/vnd.docker.distribution.manifest.v2+json" };

async function digestOf(reference: string): Promise<string | undefined> {
    const response = await fetch(`${manifests}/${reference}`, { method: "HEAD", headers });
    return response.headers.get("docker-content-digest") ?? undefined;
}

/** All digests seen so far, as digests without a tag must be kept too. */
const seen = new Set<string>();

/** Digests in the registry, and tags in the engine. */
async function look(): Promise<string> {
    const told = await Promise.all(
        ["1.0.0", "2.0.0"].map(async (tag) => {
            const filters = { reference: [`${registry}/${repository}:${tag}`] };
            const local = await engine.listImages({ filters });
            const digest = await digestOf(tag);
            if (digest !== undefined) seen.add(digest);
            return digest === undefined && local.length === 0 ? [] : [`${tag} ${digest}`];
        }),
    );
    const kept = await Promise.all(
        [...seen].map(async (digest) => ((await digestOf(digest)) === undefined ? [] : [digest])),
    );
    return [...told.flat(), ...kept.flat()].join("\n");
}

await describeContract({
    title: "docker.Image",
    type: "docker:index/image:Image",
    packages: ["docker"],
    first: imageOf("1.0.0", "hello"),
    // New content, and a new name: `rollout undo` needs the images of former pods.
    updates: [imageOf("1.0.0", "good evening"), imageOf("2.0.0", "goodbye")],
    broken: { program: imageOf("2.0.0", "goodbye", "missing.txt"), message: /missing\.txt/ },
    outside: {
        look,
        meddle: async () => {
            await fetch(`${manifests}/${await digestOf("2.0.0")}`, { method: "DELETE", headers });
        },
        writesOnly: true,
    },
    secrets: () => ["seen by no one"],
    verify: async ({ imageName, repoDigest }) => {
        assert.equal(imageName, `${registry}/${repository}:1.0.0`);
        assert.equal(repoDigest, `${registry}/${repository}@${await digestOf("1.0.0")}`);
    },
});
