import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { findRestAssets } from "./restAssets.ts";

const directory = process.argv[2] ?? "dist";
const assets = join(directory, "rest");

/**
 * Each program is one file without dependencies, so that copying it is installing it. They are CommonJS: Node takes
 * 12 MB less memory for one than for an ES module that does the same. Libraries reached by `import()` are evaluated when
 * they are first asked for, though they lie in the same file.
 */
await build({
    entryPoints: {
        bridge: "src/main.ts",
        verifier: "src/verifier/main.ts",
        install: "src/install.ts",
    },
    outdir: directory,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    // Libraries in both forms come as ES modules, of which only what is used is taken along.
    mainFields: ["module", "main"],
    legalComments: "linked",
});

mkdirSync(assets, { recursive: true });
for (const { source, name } of findRestAssets()) {
    copyFileSync(source, join(assets, name));
}
