import { build } from "esbuild";

/** Each program of the image is one file without dependencies, so that copying it is installing it. */
await build({
    entryPoints: {
        bridge: "src/main.ts",
        verifier: "src/verifier/main.ts",
        install: "src/install.ts",
    },
    outdir: process.argv[2] ?? "dist",
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    target: "node24",
    format: "esm",
    legalComments: "linked",
    // A dependency in CommonJS asks for `require`, which ESM does not have.
    banner: {
        js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
});
