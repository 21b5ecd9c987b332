/** Copies the files that `/docs` and `/redoc` load to a directory: pages of this image, and scripts of npm packages. */
import { cpSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";

/** Files of npm packages, with the licences under which they may be passed on. */
const packaged: Record<string, string[]> = {
    "swagger-ui-dist": ["swagger-ui.css", "swagger-ui-bundle.js", "LICENSE", "NOTICE"],
    redoc: ["bundles/redoc.standalone.js", "LICENSE"],
};

export function copyPages(target: string): void {
    const require = createRequire(import.meta.url);
    cpSync(join(import.meta.dirname, "src", "pages"), target, { recursive: true });
    for (const [name, files] of Object.entries(packaged)) {
        const root = dirname(require.resolve(`${name}/package.json`));
        for (const file of files) {
            const isNotice = /^[A-Z]+$/.test(file);
            mkdirSync(target, { recursive: true });
            cpSync(join(root, file), join(target, isNotice ? `${name}.${file}` : basename(file)));
        }
    }
}

const [target] = process.argv.slice(2);
if (import.meta.main && target !== undefined) copyPages(target);
