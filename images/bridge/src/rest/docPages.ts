import type { IncomingMessage, ServerResponse } from "node:http";
import { ReaderLimit } from "../http/readerLimit.ts";
import { sendRestError, buildRestError } from "./restError.ts";
import { SharedFiles } from "./sharedFiles.ts";
import { isFresh, sendTagged, sendUnchanged, type TaggedBody } from "./taggedBody.ts";

/**
 * Files sent at once. Anyone may have them, so they neither count as calls nor may they be many: a browser wants six for a
 * page, and the system keeps up to a whole file for each reader that stalls.
 */
const readerLimit = 32;

/** Files of the documentation pages, by path below the façade's root. */
const files: Record<string, string> = {
    "/docs": "docs.html",
    "/redoc": "redoc.html",
    "/docs/page.css": "page.css",
    "/docs/openDocument.mjs": "openDocument.mjs",
    "/docs/swagger.mjs": "swagger.mjs",
    "/docs/swagger-ui.css": "swagger-ui.css",
    "/docs/swagger-ui-bundle.js": "swagger-ui-bundle.js",
    "/docs/redoc.mjs": "redoc.mjs",
    "/docs/redoc.standalone.js": "redoc.standalone.js",
};

const types: Record<string, string> = {
    html: "text/html; charset=utf-8",
    css: "text/css; charset=utf-8",
    js: "text/javascript; charset=utf-8",
    mjs: "text/javascript; charset=utf-8",
};

/** Pages load and ask for nothing but what this server serves, and run no script of their own text. */
const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
];
const policies: Record<string, string> = {
    "docs.html": [...policy, "style-src 'self'"].join("; "),
    // ReDoc writes its styles while it runs, and searches in a worker it makes of its own text.
    "redoc.html": [...policy, "style-src 'self' 'unsafe-inline'", "worker-src blob:"].join("; "),
};

/** Whether a path belongs to the documentation pages. */
export function isDocPath(path: string): boolean {
    return Object.hasOwn(files, path);
}

/**
 * Serves Swagger UI and ReDoc from files. They hold nothing of the server behind the bridge: what they show they fetch,
 * with the token that the reader gives them.
 *
 * @param directory where the files are
 */
export function createDocPages(directory: string) {
    const etags = new Map<string, string>();
    const shared = new SharedFiles(directory);
    const readers = new ReaderLimit(readerLimit);

    return async (
        request: IncomingMessage,
        response: ServerResponse,
        path: string,
    ): Promise<void> => {
        const file = files[path] ?? "";
        const headers = {
            "content-type": types[file.slice(file.lastIndexOf(".") + 1)] ?? "",
            "cache-control": "no-cache",
            "content-security-policy": policies[file] ?? "default-src 'none'",
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
        };
        const known = etags.get(file);
        if (known !== undefined && isFresh(request, known)) {
            sendUnchanged(response, known, headers);
            return;
        }
        if (!readers.enter(response)) {
            const error = buildRestError(503, "too many read pages at once; try again");
            sendRestError(response, error, { "retry-after": "1" });
            return;
        }
        let tagged: TaggedBody;
        try {
            tagged = await shared.read(file, response);
        } catch {
            const error = buildRestError(404, `the page's file '${file}' is not installed`);
            sendRestError(response, error);
            return;
        }
        etags.set(file, tagged.etag);
        sendTagged(request, response, tagged, headers);
    };
}
