import { OpenAPIHono } from "@hono/zod-openapi";
import { hostHeaderValidationResponse } from "@modelcontextprotocol/server";
import type { Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { HTTPException } from "hono/http-exception";

import { log } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import type { MountedServer } from "../servers/mountedServer.ts";
import type { ToolCalls } from "../toolCalls.ts";
import { addDocPages } from "./docPages.ts";
import { limitRate } from "./limits.ts";
import { addMathApi } from "./mathApi.ts";

export interface AppOptions {
    /** Names in the Host header that are served; empty for all. */
    allowedHosts: string[];
    /** Origins of browser pages that may call. */
    allowedOrigins: string[];
    /** Of one caller. */
    requestsPerMinute: number;
    /** Directory with the files of `/docs` and `/redoc`. */
    pages: string;
}

const maxBodyBytes = 1024 * 1024;

/** The servers below their names, the REST API with its documentation, `/health` and `/metrics`. */
export function createApp(
    servers: MountedServer[],
    calls: ToolCalls,
    metrics: Metrics,
    options: AppOptions,
): OpenAPIHono {
    const app = new OpenAPIHono({
        defaultHook: (result, context) => {
            if (result.success) return;
            const detail = result.error.issues.map(({ path, message: msg }) => ({
                loc: [
                    "body",
                    ...path.map((part) => (typeof part === "number" ? part : String(part))),
                ],
                msg,
            }));
            return context.json({ detail }, 422);
        },
    });
    app.onError(answerError);
    addOperations(app, servers, metrics);
    addGuards(app, options);
    addMathApi(app, calls);
    for (const server of servers) {
        for (const path of [`/${server.name}`, `/${server.name}/mcp`]) {
            app.all(path, ({ req }) => server.handle(req.raw));
        }
    }
    app.doc("/openapi.json", { openapi: "3.1.0", info: { title: "greeter", version: "0.1.0" } });
    addDocPages(app, options.pages);
    return app;
}

function answerError(error: Error, context: Context): Response {
    if (error instanceof HTTPException) {
        // A body that is no JSON is the caller's mistake, as a body with other members is.
        const status = error.status === 400 ? 422 : error.status;
        // What is left of a body that is too large is not read.
        if (status === 413) context.header("connection", "close");
        return context.json({ detail: [{ loc: ["body"], msg: error.message }] }, status);
    }
    log("error", "request_failed", { path: context.req.path, reason: error.message });
    return context.json({ detail: "the server failed" }, 500);
}

/** What the platform asks for, without limits. */
function addOperations(app: OpenAPIHono, servers: MountedServer[], metrics: Metrics): void {
    app.get("/health", (context) => {
        const states = servers.map(({ name, state }) => [name, state] as const);
        const failed = states.filter(([, { status }]) => status === "failed").length;
        // One that failed must not take the others out of service; only when none is left the pod is of no use.
        const status = failed === 0 ? "ok" : failed < states.length ? "degraded" : "failed";
        const body = { status, servers: Object.fromEntries(states) };
        return context.json(body, status === "failed" ? 503 : 200);
    });
    app.get("/metrics", async (context) => {
        for (const { name, state } of servers) {
            metrics.serving.set({ server: name }, state.status === "serving" ? 1 : 0);
        }
        const { registry } = metrics;
        return context.body(await registry.metrics(), 200, {
            "content-type": registry.contentType,
        });
    });
}

/** Everything below is for callers: hosts, origins, sizes and rates are checked. */
function addGuards(app: OpenAPIHono, options: AppOptions): void {
    const { allowedHosts, allowedOrigins, requestsPerMinute } = options;
    app.use(async ({ req }, next) => {
        const refusal =
            allowedHosts.length === 0
                ? undefined
                : hostHeaderValidationResponse(req.raw, allowedHosts);
        return refusal ?? next();
    });
    app.use(
        cors({
            origin: allowedOrigins.includes("*") ? "*" : allowedOrigins,
            allowMethods: ["GET", "POST", "DELETE"],
            exposeHeaders: ["Mcp-Session-Id", "Retry-After"],
            maxAge: 600,
        }),
    );
    app.use(bodyLimit({ maxSize: maxBodyBytes }));
    app.use("/math/*", limitRate(requestsPerMinute));
    app.on("POST", ["/:server", "/:server/mcp"], limitRate(requestsPerMinute));
}
