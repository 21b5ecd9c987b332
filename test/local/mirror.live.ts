import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Docker from "dockerode";

import { ensureNode } from "../../local/cluster/node.ts";
import type { Node } from "../../local/cluster/node.ts";
import { ensureKubernetes } from "../../local/cluster/kubernetes.ts";
import { run, waitFor } from "../../local/cluster/run.ts";
import { baseImages, shortReference } from "../../local/mirror/baseImages.ts";
import type { BaseImage } from "../../local/mirror/baseImages.ts";
import { ensureBaseImages } from "../../local/mirror/ensureBaseImages.ts";
import { findEngineProblem } from "../../local/mirror/foundEngine.ts";
import { ensureRegistry } from "../../local/mirror/registry.ts";
import type { RegistryClient } from "../../local/mirror/registryClient.ts";
import { paths } from "../../local/paths.ts";
import { testRun } from "../testRun/testRun.ts";

const namespace = `${testRun().name}-mirror`;

/** A script per base image with features that users of Docker Hub's image expect, and the line it must print. */
const abilities: Record<string, { script: string; prints: RegExp }> = {
    debian: { script: ". /etc/os-release; echo $VERSION_CODENAME", prints: /^trixie$/m },
    python: {
        script: [
            "python -c 'import sys, sqlite3, ssl, lzma; print(sys.version)'",
            "python3 -c 'import sysconfig; print(sysconfig.get_path(\"purelib\"))'",
            "pip --version",
        ].join(" && "),
        prints: /^3\.13\.[^]*^\/usr\/local\/lib\/python3\.13\/site-packages$[^]*python 3\.13/m,
    },
    keycloak: {
        script: "id -u && /opt/keycloak/bin/kc.sh --version",
        prints: /^1000$[^]*Keycloak 26\.7\.0/m,
    },
    node: {
        script: "id -u node && node --version && npm --version && docker-entrypoint.sh -p '6 * 7'",
        prints: /^1000\nv24\.21\.0\n\d+\.\d+\.\d+\n42$/m,
    },
    nginx: {
        script: "id -u nginx && cat /usr/share/nginx/html/index.html | head -n 1 && nginx -V 2>&1 && nginx -t 2>&1",
        prints: /^101\n<!doctype html>[^]*nginx\/1\.31\.3[^]*http_auth_request_module[^]*test is successful/m,
    },
};

describe("base images of the mirror", function () {
    this.timeout(300_000);
    let node: Node;
    let registry: RegistryClient;
    const docker = (...args: string[]) => run("docker", args);

    before(async () => {
        node = await ensureNode();
        registry = await ensureRegistry(node);
    });

    for (const image of baseImages) {
        it(`${image.repository}:${image.tag} is pulled under its usual name and works`, async () => {
            const { script, prints } = abilities[image.name] ?? { script: "false", prints: /./ };
            const output = await docker(
                "run",
                "--rm",
                "--entrypoint",
                "sh",
                nameInEngine(image),
                "-c",
                script,
            );
            assert.match(output, prints);
        });
    }

    it("run in the cluster under their usual names", async () => {
        const kubernetes = await ensureKubernetes(process.env["KUBECONFIG"] ?? "");
        const containers = baseImages.map(({ name, upstream, repository, tag }) => ({
            name,
            image: `${upstream}/${repository}:${tag}`,
            imagePullPolicy: "Always",
            command: ["true"],
        }));
        const pod = {
            apiVersion: "v1",
            kind: "Pod",
            metadata: { name: "images", namespace },
            spec: { restartPolicy: "Never", containers },
        };
        await kubernetes.kubectl(["create", "namespace", namespace]);
        try {
            await kubernetes.kubectl(["create", "-f", "-"], JSON.stringify(pod));
            const phase = "jsonpath={.status.phase}=Succeeded";
            await kubernetes.kubectl([
                "-n",
                namespace,
                "wait",
                "pod/images",
                `--for=${phase}`,
                "--timeout=120s",
            ]);
        } finally {
            await kubernetes.kubectl(["delete", "namespace", namespace, "--wait=false"]);
        }
    });

    it("install packages from the registries of Python, Node.js and Debian in a build", async () => {
        const context = await mkdtemp(join(tmpdir(), "slipway-build-"));
        const recipe = [
            "FROM node:24.21.0-trixie-slim",
            "LABEL slipway.test=mirror",
            "RUN cd /home/node && npm install --no-fund is-number@7.0.0",
            "FROM python:3.13-slim-trixie",
            "RUN pip install --no-cache-dir --prefix /install idna==3.10",
            "RUN apt-get update && apt-get install --yes --no-install-recommends tini",
            "RUN test -d /install/lib/python3.13/site-packages/idna && tini --version",
        ];
        try {
            await writeFile(join(context, "Dockerfile"), recipe.join("\n"));
            const build = ["build", "--no-cache", "--force-rm", "--quiet", context];
            const id = await run("env", ["DOCKER_BUILDKIT=0", "docker", ...build]);
            await docker("image", "rm", id.trim());
            await docker("image", "prune", "--force", "--filter", "label=slipway.test=mirror");
        } finally {
            await rm(context, { recursive: true });
        }
    });

    it("take no time when they exist", async () => {
        const started = Date.now();
        await ensureBaseImages(node, registry);
        assert.ok(Date.now() - started < 2000, `took ${Date.now() - started} ms`);
    });
});

/** Name by which the engine pulls an image: its mirror serves Docker Hub only, the cluster's Quay too. */
function nameInEngine(image: BaseImage): string {
    return image.upstream === "docker.io"
        ? shortReference(image)
        : `localhost:30500/${image.repository}:${image.tag}`;
}

/** Sorted base images in the engine; images of stacks are left out, because they come and go. */
async function listBaseImages(): Promise<string[]> {
    const own = new Set(baseImages.map(nameInEngine));
    const format = ["--no-trunc", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}"];
    const listed = (await run("docker", ["images", ...format])).trim().split("\n");
    return listed.filter((line) => own.has(line.split(" ")[0]!)).sort();
}

describe("Docker engine of the platform", function () {
    this.timeout(120_000);

    it("meets the requirements for an engine found on the machine", async () => {
        assert.equal(await findEngineProblem(new Docker(), baseImages), undefined);
    });

    it("comes back with its images after its processes were killed", async () => {
        const node = await ensureNode();
        const readPid = async (name: string) => {
            const place = join(paths.runtime, "services", name);
            return (await run("s6-svstat", ["-o", "pid", place])).trim();
        };
        const before = await listBaseImages();
        assert.equal(before.length, baseImages.length, before.join(", "));
        const killed = await Promise.all(["docker", "docker-containerd"].map(readPid));
        await node.enter("kill", ["-KILL", ...killed]);
        await waitFor("the engine", 60, async () => {
            await new Docker().ping();
            return !killed.includes(await readPid("docker"));
        });
        assert.deepEqual(await listBaseImages(), before);
        const output = await run("docker", ["run", "--rm", "debian:trixie-slim", "echo", "alive"]);
        assert.equal(output.trim(), "alive");
    });
});
