import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { OpenAPIHono } from "@hono/zod-openapi";

/** Pages load and ask for nothing but what this server serves. ReDoc writes its styles while it runs. */
const policy =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; " +
    "connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const types = {
    html: "text/html; charset=utf-8",
    css: "text/css; charset=utf-8",
    js: "text/javascript; charset=utf-8",
    mjs: "text/javascript; charset=utf-8",
};

const pages = {
    "/docs": "docs.html",
    "/redoc": "redoc.html",
    "/docs/swagger.mjs": "swagger.mjs",
    "/docs/swagger-ui.css": "swagger-ui.css",
    "/docs/swagger-ui-bundle.js": "swagger-ui-bundle.js",
    "/docs/redoc.mjs": "redoc.mjs",
    "/docs/redoc.standalone.js": "redoc.standalone.js",
};

/** Serves Swagger UI at `/docs` and ReDoc at `/redoc`. */
export function addDocPages(app: OpenAPIHono, directory: string): void {
    for (const [path, file] of Object.entries(pages)) {
        const type = types[file.slice(file.lastIndexOf(".") + 1) as keyof typeof types];
        app.get(path, async (context) =>
            context.body(await readFile(join(directory, file)), 200, {
                "content-type": type,
                "content-security-policy": policy,
                "x-content-type-options": "nosniff",
            }),
        );
    }
}
