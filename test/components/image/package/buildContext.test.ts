import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import { contentTag } from "../../../../components/image/contentTag.ts";
import { preparePackage } from "../../../../components/image/package/buildContext.ts";
import { ServerImage } from "../../../../components/image/serverImage.ts";
import { only, recordResources } from "../../../support/recordResources.ts";

/** Stands for npm: locks what `package.json` asks for, and counts its runs; refuses a package that is not there. */
const fakeNpm = `#!/usr/bin/env node
const { appendFileSync, readFileSync, writeFileSync } = require("node:fs");
appendFileSync(process.env.NPM_RUNS, process.argv.slice(2).join(" ") + "\\n");
const { dependencies } = JSON.parse(readFileSync("package.json", "utf8"));
const name = Object.keys(dependencies)[0];
if (name === "nowhere") { console.error("npm error 404 Not Found - nowhere"); process.exit(1); }
const own = { version: dependencies[name], integrity: "sha512-x", bin: { "weather-mcp": "x.js" } };
const lock = { lockfileVersion: 3, packages: { "": { dependencies }, ["node_modules/" + name]: own } };
writeFileSync("package-lock.json", JSON.stringify(lock));
`;

describe("the build context of a package", () => {
    const scratch = mkdtempSync(join(tmpdir(), "slipway-package-"));
    const runs = join(scratch, "runs");
    const path = process.env["PATH"];
    const directory = join(scratch, "packages/npm-weather-mcp");
    const source = { npm: "@acme/weather-mcp@1.4.0", with: ["zod@^4.1.0"] };
    const countRuns = () => readFileSync(runs, "utf8").split("\n").length - 1;

    before(() => {
        writeFileSync(join(scratch, "npm"), fakeNpm);
        chmodSync(join(scratch, "npm"), 0o755);
        writeFileSync(runs, "");
        process.env["PATH"] = `${scratch}${delimiter}${path}`;
        process.env["NPM_RUNS"] = runs;
    });

    after(() => {
        process.env["PATH"] = path;
        delete process.env["NPM_RUNS"];
        rmSync(scratch, { recursive: true });
    });

    it("has the lock, and the package's own command", async () => {
        await preparePackage(source, directory);
        const asked = JSON.parse(readFileSync(join(directory, "package.json"), "utf8")) as object;
        assert.deepEqual(asked, {
            private: true,
            dependencies: { "@acme/weather-mcp": "1.4.0", zod: "^4.1.0" },
        });
        assert.match(readFileSync(join(directory, "package-lock.json"), "utf8"), /integrity/);
        assert.match(readFileSync(join(directory, "start"), "utf8"), /\/weather-mcp" "\$@"/);
        assert.equal(statSync(join(directory, "start")).mode & 0o777, 0o755);
        const dockerfile = readFileSync(join(directory, "Dockerfile"), "utf8");
        assert.match(dockerfile, /npm ci[^]*ENV HOME=\/tmp\n[^]*USER 65532:65532/);
        assert.match(readFileSync(runs, "utf8"), /--package-lock-only --ignore-scripts/);
    });

    it("is not locked again as long as the package and its requirements are the same", async () => {
        const before = countRuns();
        const tag = contentTag(directory);
        await preparePackage(source, directory);
        assert.equal(countRuns(), before);
        assert.equal(contentTag(directory), tag);
        await preparePackage({ ...source, npm: "@acme/weather-mcp@1.4.1" }, directory);
        assert.equal(countRuns(), before + 1);
        assert.notEqual(contentTag(directory), tag);
    });

    it("says what the registry said of a package that is not there, and leaves nothing behind", async () => {
        const target = join(scratch, "packages/npm-nowhere");
        await assert.rejects(preparePackage({ npm: "nowhere@1.0.0" }, target), {
            message:
                "package 'nowhere@1.0.0': could not be locked: npm: npm error 404 Not Found - nowhere",
        });
        assert.throws(() => statSync(target));
    });

    it("is what an image of the package is built from", async () => {
        const registry = { address: "registry.example.org" };
        const recording = await recordResources(
            () => new ServerImage("weather", { package: { ...source, directory }, registry }),
        );
        const { imageName, build } = only(recording, "Image").inputs;
        assert.equal(imageName, `registry.example.org/weather:${contentTag(directory)}`);
        assert.match(build.context, /npm-weather-mcp$/);
    });

    it("is refused beside a directory, and without either", async () => {
        const registry = { address: "registry.example.org" };
        for (const args of [{}, { directory: ".", package: source }]) {
            await assert.rejects(
                recordResources(() => new ServerImage("weather", { ...args, registry })),
                /source: must have exactly one of directory, package/,
            );
        }
    });
});
