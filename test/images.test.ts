import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describeImage } from "./support/imageContract.ts";

const root = join(import.meta.dirname, "..");

/** Directories of images: those of the project and those that its tests deploy. */
const images = ["images", "test/images"].flatMap((place) =>
    readdirSync(join(root, place), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => `${place}/${name}`),
);

describe("images", () => {
    it("are found", () => {
        for (const name of [
            "images/add-numbers",
            "images/bridge",
            "images/brave-search",
            "images/fetch",
            "images/greeter",
            "images/task-orchestrator",
            "test/images/probe-server",
        ]) {
            assert.ok(images.includes(name), name);
        }
    });

    for (const name of images) {
        const isRunByHand = name.startsWith("images/") && name !== "images/bridge";
        describeImage(name, join(root, name), { isRunByHand });
    }

    it("are built with the versions of their dependencies that tests run with", () => {
        const read = (file: string) => JSON.parse(readFileSync(file, "utf8"));
        const project = read(join(root, "package.json"));
        const tested = { ...project.dependencies, ...project.devDependencies };
        const templates = ["http", "stdio"].map(
            (transport) => `local/init/templates/typescript/package.${transport}.json`,
        );
        for (const image of [...images.map((name) => `${name}/package.json`), ...templates]) {
            const file = join(root, image);
            if (!existsSync(file)) continue;
            const { dependencies, devDependencies } = read(file);
            for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
                assert.equal(version, tested[name], `${image}: ${name}`);
            }
        }
    });

    it("install ReDoc as its bundle alone, without the packages that it is made from", () => {
        for (const place of ["", "images/bridge", "images/greeter"]) {
            const file = join(root, place, "package-lock.json");
            const { packages } = JSON.parse(readFileSync(file, "utf8"));
            const { dependencies, peerDependencies } = packages["node_modules/redoc"];
            assert.deepEqual(
                [dependencies, peerDependencies],
                [undefined, undefined],
                `${join(place, "package-lock.json")}: 'node_modules/redoc' must have neither 'dependencies' nor 'peerDependencies'; delete both, then run 'npm install --package-lock-only' there`,
            );
        }
    });
});
