import assert from "node:assert/strict";

import { bridgeSource, listImages, nameImage } from "../../config/images.ts";

describe("listImages", () => {
    const list = (...directories: string[]) =>
        listImages(
            directories.map((build, index) => ({ name: `server-${index}`, source: { build } })),
        ).map(({ name, directory }) => [name, directory]);

    it("builds a directory once, independent of spelling and number of servers", () => {
        assert.deepEqual(list("images/weather", "./images/weather/", "images/tides"), [
            ["bridge", "images/bridge"],
            ["weather", "images/weather"],
            ["tides", "images/tides"],
        ]);
    });

    it("keeps an image when the first of its two servers is removed", () => {
        assert.deepEqual(list("images/weather"), list("images/weather", "images/weather"));
    });

    it("builds no image for a server whose image exists", () => {
        const source = { image: "registry.example.org/weather:1.0.0" };
        const images = listImages([{ name: "weather", source }]);
        assert.deepEqual(
            images.map(({ directory }) => directory),
            ["images/bridge"],
        );
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
