import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";

import { ServerImage } from "../../components/index.ts";
import { bridgeSource, listImages, nameImage } from "../../config/images.ts";
import { openProviderStack } from "../providers/providerStack.ts";
import { startFakeDocker } from "../support/fakeDocker.ts";
import { makeSourceDirectory } from "../support/sourceDirectory.ts";

describe("listImages", () => {
    const list = (...directories: string[]) =>
        listImages(
            directories.map((build, index) => ({ name: `server-${index}`, source: { build } })),
        ).map(({ name, build }) => [name, build.directory]);

    it("builds a directory once, independent of spelling and number of servers", () => {
        assert.deepEqual(list("images/weather", "./images/weather/", "images/tides"), [
            ["bridge", "images/bridge"],
            ["weather", "images/weather"],
            ["tides", "images/tides"],
        ]);
    });

    it("passes on how a directory is built", () => {
        const build = {
            buildArgs: { VERSION: "2" },
            target: "runtime",
            cacheFrom: ["ghcr.io/acme/weather:1.0.0"],
        };
        const source = { build: "images/weather", ...build };
        const [, image] = listImages([{ name: "weather", source }]);
        assert.deepEqual(image?.build, { directory: "images/weather", ...build });
    });

    it("keeps an image when the first of its two servers is removed", () => {
        assert.deepEqual(list("images/weather"), list("images/weather", "images/weather"));
    });

    it("builds no image for a server whose image exists", () => {
        const source = { image: "registry.example.org/weather:1.0.0" };
        const images = listImages([{ name: "weather", source }]);
        assert.deepEqual(
            images.map(({ build }) => build.directory),
            ["images/bridge"],
        );
    });

    it("keeps the image of a stack in which it still belongs to a server", async function () {
        this.timeout(120_000);
        const docker = await startFakeDocker();
        const environment = { DOCKER_HOST: docker.host };
        const opened = await openProviderStack(["docker"], { environment, official: false });
        const source = { build: makeSourceDirectory() };
        const registry = { address: "registry.example.org" };
        try {
            opened.use(() => {
                const server = new pulumi.ComponentResource("slipway:index:McpServer", "weather");
                const imageArgs = { directory: source.build, registry };
                new ServerImage("weather", imageArgs, { parent: server });
                return Promise.resolve({});
            });
            await opened.stack.up();
            opened.use(() => {
                new pulumi.ComponentResource("slipway:index:McpServer", "weather");
                const [, image] = listImages([{ name: "weather", source }]);
                const { build, opts } = image!;
                new ServerImage("weather", { ...build, registry }, opts);
                return Promise.resolve({});
            });
            const { changeSummary } = await opened.stack.preview();
            assert.deepEqual(Object.keys(changeSummary), ["same"]);
        } finally {
            await opened.close();
            await docker.close();
        }
    });

    it("adopts an image that formerly belonged to a server", () => {
        const [, weather] = listImages([
            { name: "tides", source: { build: "images/weather" } },
            { name: "other", source: bridgeSource },
        ]);
        const [alias] = weather?.opts.aliases as { name: string }[];
        assert.equal(alias?.name, "tides");
    });
});

describe("nameImage", () => {
    const cases = [
        ["images/weather", "weather"],
        ["images/Weather_2", "weather-2"],
        ["vendor/weather/server", "vendor-weather-server"],
        ["../weather", "weather"],
    ] as const;
    for (const [directory, name] of cases) {
        it(`is '${name}' for '${directory}'`, () => assert.equal(nameImage(directory), name));
    }
});
