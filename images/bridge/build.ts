import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build, transform, type BuildOptions } from "esbuild";
import { findRestAssets } from "./restAssets.ts";

const directory = process.argv[2] ?? "dist";
const assets = join(directory, "rest");

/** Node takes 12 MB less memory for a CommonJS program than for an ES module that does the same. */
const commonJs = { format: "cjs", platform: "node", target: "node24" } as const;

/** Every process keeps the text of its program: without comments and indentation 1 MB less. Names stay, for stack traces. */
const lean = { minifyWhitespace: true, minifySyntax: true, lineLimit: 160 } as const;

const shared: BuildOptions = {
    outdir: directory,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    // Libraries in both forms come as ES modules, of which only what is used is taken along.
    mainFields: ["module", "main"],
    legalComments: "linked",
    ...lean,
};

/**
 * Bundles a program without what it reaches by `import()`: that becomes files of its own, read when they are asked for.
 * The text of libraries that are never used would cost 6 MB in every process. esbuild splits ES modules only, so its
 * output is turned into CommonJS afterwards.
 */
async function buildSplit(entryPoints: Record<string, string>): Promise<void> {
    const { outputFiles } = await build({
        ...shared,
        ...commonJs,
        format: "esm",
        entryPoints,
        splitting: true,
        chunkNames: "libraries/[name]-[hash]",
        write: false,
    });
    for (const { path, text } of outputFiles) {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, path.endsWith(".cjs") ? await toCommonJs(text) : text);
    }
}

async function toCommonJs(text: string): Promise<string> {
    const { code } = await transform(text, {
        ...commonJs,
        ...lean,
        supported: { "dynamic-import": false },
    });
    return code;
}

/** Every program comes without dependencies, so that copying it is installing it. */
rmSync(join(directory, "libraries"), { recursive: true, force: true });
await buildSplit({ bridge: "src/main.ts" });
await build({
    ...shared,
    ...commonJs,
    entryPoints: {
        verifier: "src/verifier/main.ts",
        install: "src/install.ts",
        connect: "src/connect.ts",
    },
});

mkdirSync(assets, { recursive: true });
for (const { source, name } of findRestAssets()) {
    copyFileSync(source, join(assets, name));
}
