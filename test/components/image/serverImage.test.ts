import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { join, relative } from "node:path";

import { contentTag } from "../../../components/image/contentTag.ts";
import { findDirectoryProblems, findRegistryProblems } from "../../../components/image/rules.ts";
import { ServerImage } from "../../../components/image/serverImage.ts";
import { inventory, only, recordResources, valueOf } from "../../support/recordResources.ts";
import { makeSourceDirectory } from "../../support/sourceDirectory.ts";

const registry = { address: "registry.example.org:5000/acme" };

describe("ServerImage", () => {
    let directory: string;
    before(() => {
        directory = makeSourceDirectory();
    });

    it("creates one image", async () => {
        const recording = await recordResources(
            () => new ServerImage("weather", { directory, registry }),
        );
        assert.deepEqual(inventory(recording), [
            "ServerImage weather",
            "ServerImage weather / Image weather-image",
        ]);
    });

    it("derives the tag from the content", async () => {
        const recording = await recordResources(
            () => new ServerImage("weather", { directory, registry }),
        );
        const { imageName, build } = only(recording, "Image").inputs;
        assert.equal(imageName, `${registry.address}/weather:${contentTag(directory)}`);
        assert.equal(build.context, relative("", directory));
        assert.equal(build.dockerfile, join(relative("", directory), "Dockerfile"));
    });

    it("returns the digest of the pushed image", async () => {
        let reference = "";
        await recordResources(async () => {
            const image = new ServerImage("weather", { directory, registry });
            reference = await valueOf(image.reference);
        });
        assert.match(reference, /^registry\.example\.org:5000\/acme\/weather@sha256:[0-9a-f]{64}$/);
    });

    it("passes arguments, stage and cache to the build, and has another tag for each", async () => {
        const args = { directory, registry };
        const buildArgs = { VERSION: "1.4.0" };
        const build = { buildArgs, target: "runtime", cacheFrom: ["ghcr.io/acme/weather:1.0.0"] };
        const imageOf = async (more: object) =>
            only(
                await recordResources(() => new ServerImage("weather", { ...args, ...more })),
                "Image",
            ).inputs;
        const { args: given, target, cacheFrom } = (await imageOf(build)).build;
        assert.deepEqual(
            [given, target, cacheFrom],
            [buildArgs, "runtime", { images: ["ghcr.io/acme/weather:1.0.0"] }],
        );
        const names = [
            await imageOf({}),
            await imageOf({ buildArgs }),
            await imageOf({ target: "runtime" }),
            await imageOf({ buildArgs: { VERSION: "1.4.1" } }),
        ].map(({ imageName }) => imageName as string);
        assert.equal(new Set(names).size, 4, names.join());
    });

    it("refuses a secret build argument", async () => {
        const buildArgs = { TOKEN: pulumi.secret("very secret") } as object;
        const args = { directory, registry, buildArgs: buildArgs as Record<string, string> };
        const failing = recordResources(() => new ServerImage("weather", args));
        await assert.rejects(failing, /buildArgs\.TOKEN: must be a plain text, as image and state/);
    });

    it("takes a registry that is made in the same program", async () => {
        const address = pulumi.output("1234.dkr.ecr.eu-west-1.amazonaws.com/acme");
        const recording = await recordResources(
            () => new ServerImage("weather", { directory, registry: { address } }),
        );
        const { imageName, registry: login } = only(recording, "Image").inputs;
        assert.match(
            imageName,
            /^1234\.dkr\.ecr\.eu-west-1\.amazonaws\.com\/acme\/weather:content-/,
        );
        assert.equal(login.server, "1234.dkr.ecr.eu-west-1.amazonaws.com");
    });

    it("refuses the address of such a registry once it is known, as a plain one", async () => {
        for (const address of ["https://ghcr.io", pulumi.output("https://ghcr.io")]) {
            const failing = recordResources(async () => {
                const image = new ServerImage("weather", { directory, registry: { address } });
                await valueOf(image.reference);
            });
            await assert.rejects(
                failing,
                /invalid arguments\n {2}- registry\.address: .*without scheme, got 'https:\/\/ghcr\.io'/,
            );
        }
    });

    it("logs in to the host of the registry", async () => {
        const login = { ...registry, username: "pusher", password: "a password" };
        const recording = await recordResources(
            () => new ServerImage("weather", { directory, registry: login }),
        );
        assert.deepEqual(only(recording, "Image").inputs.registry, {
            server: "registry.example.org:5000",
            username: "pusher",
            password: "a password",
        });
    });

    it("refuses a directory that cannot be built, before anything is created", async () => {
        const args = { directory: "images/nowhere", registry };
        const failing = recordResources(() => new ServerImage("weather", args));
        await assert.rejects(
            failing,
            /directory: must be a directory that exists, got 'images\/nowhere'/,
        );
    });
});

describe("findDirectoryProblems", () => {
    it("names the missing Dockerfile", () => {
        const directory = makeSourceDirectory({ "server.py": "" });
        assert.deepEqual(findDirectoryProblems("source.build", directory), [
            {
                path: "source.build",
                reason: `must hold a Dockerfile, got '${directory}'; create '${join(directory, "Dockerfile")}'`,
            },
        ]);
    });
});

describe("findRegistryProblems", () => {
    for (const address of ["localhost:30500", "ghcr.io/acme", "registry.example.org/a/b-c"]) {
        it(`accepts '${address}'`, () => assert.deepEqual(findRegistryProblems(address), []));
    }
    for (const address of ["https://ghcr.io", "ghcr.io/", "", "GHCR.io", "ghcr.io/Acme"]) {
        it(`refuses '${address}'`, () => {
            assert.deepEqual(
                findRegistryProblems(address).map(({ path }) => path),
                ["address"],
            );
        });
    }
});
