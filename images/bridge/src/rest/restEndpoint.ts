import type { IncomingMessage, ServerResponse } from "node:http";
import { createDocPages, isDocPath } from "./docPages.ts";
import { buildRestError, sendRestError } from "./restError.ts";
import type { RestEndpointArgs } from "./restEndpointArgs.ts";
import { createToolCalls, isCallPath } from "./toolCalls.ts";
import { createToolDocuments, isToolDocumentPath } from "./toolDocuments.ts";

/** The tools of a server as REST, beside its MCP endpoint. */
export interface RestEndpoint<Caller> {
    /**
     * Who may ask for a path: `open` is a page that shows nothing of the server by itself, so that a browser can load it
     * without a token; `protected` needs a caller; undefined is not served here.
     *
     * @param path of the request, percent-encoded as it came, without the query
     */
    access(path: string): "open" | "protected" | undefined;
    /**
     * Answers a request for a path that `access` knows. Settles when it is answered or its client is gone; never rejects.
     *
     * @param caller handed on to `callTool`; not looked at for `open` paths
     */
    serve(
        request: IncomingMessage,
        response: ServerResponse,
        path: string,
        caller: Caller,
    ): Promise<void>;
}

/** Makes the façade: `/tools`, `/tools/{name}`, `/call`, `/openapi.json`, `/docs` and `/redoc`. */
export function createRestEndpoint<Caller>(args: RestEndpointArgs<Caller>): RestEndpoint<Caller> {
    const servePage = createDocPages(args.assetsDirectory);
    const serveDocument = createToolDocuments(args);
    const serveCall = createToolCalls(args);

    async function route(
        request: IncomingMessage,
        response: ServerResponse,
        path: string,
        caller: Caller,
    ): Promise<void> {
        const calls = isCallPath(path);
        const allowed = calls ? ["POST"] : ["GET", "HEAD"];
        if (!allowed.includes(request.method ?? "")) {
            const error = buildRestError(405, `only ${allowed.join(" and ")} is served here`);
            sendRestError(response, error, { allow: allowed.join(", ") });
        } else if (calls) {
            await serveCall(request, response, path, caller);
        } else if (isDocPath(path)) {
            await servePage(request, response, path);
        } else {
            await serveDocument(request, response, path, caller);
        }
    }

    return {
        access: (path) => {
            if (isCallPath(path) || isToolDocumentPath(path)) {
                return "protected";
            }
            return isDocPath(path) ? "open" : undefined;
        },
        serve: async (request, response, path, caller) => {
            try {
                await route(request, response, path, caller);
            } catch (error) {
                const message = error instanceof Error ? error.message : String(error);
                args.log("error", "rest_failed", { path, message });
                if (!response.headersSent) {
                    sendRestError(response, buildRestError(500, "the bridge failed"));
                }
            }
        },
    };
}
