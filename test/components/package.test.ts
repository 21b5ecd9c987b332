import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

import manifest from "../../components/package.json" with { type: "json" };
import rootManifest from "../../package.json" with { type: "json" };
import type { deployWeather } from "../libraryProgram.ts";
import { installComponents } from "../support/installedComponents.ts";
import { inventory, recordResources, valueOf } from "../support/recordResources.ts";
import { makeSourceDirectory } from "../support/sourceDirectory.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");

/** What the type checker of another project must refuse: without types, or with `any`, it refuses nothing. */
const mistakes = `
import { Exposure, McpServerArgs, Transport } from "slipway-components";

export const transports: Transport[] = ["http", Transport.stdio];
// @ts-expect-error -- no transport
export const misspelt: McpServerArgs["transport"] = "sdtio";
// @ts-expect-error -- a number
export const text: Exposure = { nodePort: "30443" };
`;

describe("the package that other projects install", function () {
    this.timeout(180_000);
    let project: string;

    before(async () => {
        project = await mkdtemp(join(tmpdir(), "slipway-package-"));
        await installComponents(project);
        const program = await readFile(join(root, "test/libraryProgram.ts"), "utf8");
        await writeFile(
            join(project, "program.ts"),
            program.replace("../components/index.ts", "slipway-components"),
        );
    });

    after(() => rm(project, { recursive: true }));

    it("deploys a server", async () => {
        const { href } = pathToFileURL(join(project, "program.ts"));
        const other = (await import(href)) as { deployWeather: typeof deployWeather };
        const own = await import("../libraryProgram.ts");
        const sources = { bridge: makeSourceDirectory(), weather: makeSourceDirectory() };
        let endpoints: Record<string, string> = {};
        const recording = await recordResources(async () => {
            endpoints = await valueOf(other.deployWeather(sources).endpoints);
        });
        assert.deepEqual(endpoints, { weather: "https://mcp.example.org/weather/mcp" });
        const expected = await recordResources(() => own.deployWeather(sources));
        assert.deepEqual(inventory(recording), inventory(expected));
    });

    it("has types", async () => {
        const compilerOptions = {
            ...{ target: "es2023", module: "nodenext", strict: true, noEmit: true },
            ...{ types: ["node"], skipLibCheck: true },
        };
        const files = ["program.ts", "mistakes.ts"];
        await writeFile(join(project, "mistakes.ts"), mistakes);
        await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
        const compiler = join(root, "node_modules/typescript/bin/tsc");
        await run(process.execPath, [compiler, "-p", project]).catch(
            ({ stdout }: { stdout: string }) => assert.fail(stdout),
        );
    });

    it("has the version of the project, and needs the versions that it was tested with", () => {
        const tested: Record<string, string> = {
            ...rootManifest.dependencies,
            ...rootManifest.devDependencies,
        };
        assert.equal(manifest.version, rootManifest.version);
        for (const [name, version] of Object.entries(manifest.dependencies)) {
            assert.equal(version, tested[name], name);
        }
        for (const [name, range] of Object.entries(manifest.peerDependencies)) {
            if (name !== "typescript") assert.equal(range, `^${tested[name]}`, name);
        }
    });
});
