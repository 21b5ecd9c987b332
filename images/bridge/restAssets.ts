import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** A file that the REST façade serves to browsers. */
export interface RestAsset {
    /** Where it is before the build. */
    source: string;
    /** Its name in the directory that the bridge is given as `assetsDirectory`. */
    name: string;
}

const own = ["docs.html", "openDocument.mjs", "page.css", "redoc.html", "redoc.mjs", "swagger.mjs"];
/** Files of npm packages, with the licences under which they may be passed on. */
const packaged: Record<string, Record<string, string>> = {
    "swagger-ui-dist": {
        "swagger-ui.css": "swagger-ui.css",
        "swagger-ui-bundle.js": "swagger-ui-bundle.js",
        "swagger-ui-bundle.js.LICENSE.txt": "swagger-ui-bundle.js.LICENSE.txt",
        LICENSE: "swagger-ui.LICENSE.txt",
        NOTICE: "swagger-ui.NOTICE.txt",
    },
    redoc: {
        "bundles/redoc.standalone.js": "redoc.standalone.js",
        "bundles/redoc.standalone.js.LICENSE.txt": "redoc.standalone.js.LICENSE.txt",
        LICENSE: "redoc.LICENSE.txt",
    },
};

/** Every file that is copied beside the bundle: the façade's pages, and what they load from npm packages. */
export function findRestAssets(): RestAsset[] {
    const require = createRequire(import.meta.url);
    const pages = join(import.meta.dirname, "src", "rest", "pages");
    return [
        ...own.map((name) => ({ source: join(pages, name), name })),
        ...Object.entries(packaged).flatMap(([name, files]) => {
            const root = dirname(require.resolve(`${name}/package.json`));
            return Object.entries(files).map(([file, as]) => ({
                source: join(root, file),
                name: as,
            }));
        }),
    ];
}
