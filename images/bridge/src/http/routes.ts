import type { IncomingMessage, ServerResponse } from "node:http";
import type { MetadataDocument } from "../auth/authenticator.ts";
import type { Principal } from "../auth/principal.ts";
import { Exchange } from "./exchange.ts";
import type { Refuse, Serve } from "./gate.ts";
import type { InFlight } from "./inFlight.ts";
import { ReaderLimit } from "./readerLimit.ts";
import { sendJson, writeJson } from "./writeJson.ts";

/** Answers with metrics sent at once: each is a text of its own, and few programs read them. */
const metricsReaderLimit = 8;

/** What answers the paths of the REST façade; false for a path that is none of them. */
export type ServeRest = (
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
) => Promise<boolean>;

export interface RoutesArgs {
    /** Path of the MCP endpoint. */
    mcpPath: string;
    traffic: InFlight;
    gate: (
        request: IncomingMessage,
        response: ServerResponse,
        serve: Serve,
        refuse: Refuse,
    ) => void;
    serveMcp: (exchange: Exchange) => void;
    /** Undefined when tools are not served as REST. */
    serveRest: ServeRest | undefined;
    /** Whether the server can be used, and whether a restart of everything could help. */
    health: { ready(): boolean; alive(): boolean };
    /** Undefined when there are none. */
    readMetrics: (() => Promise<{ contentType: string; text: string }>) | undefined;
    /** Undefined when no tokens are taken. */
    metadata: MetadataDocument | undefined;
}

/** Makes the HTTP server's listener: what is served where. */
export function createRoutes(args: RoutesArgs) {
    const { mcpPath, traffic, gate, serveMcp, serveRest, health, readMetrics, metadata } = args;

    const metricsReaders = new ReaderLimit(metricsReaderLimit);

    const openExchange = (
        request: IncomingMessage,
        response: ServerResponse,
        caller: Principal,
    ): void => {
        const exchange = new Exchange(request, response, caller);
        traffic.enter(exchange);
        serveMcp(exchange);
    };

    async function serveOthers(
        request: IncomingMessage,
        response: ServerResponse,
        path: string,
    ): Promise<void> {
        if (path === "/livez") {
            sendHealth(response, health.alive());
        } else if (path === "/readyz" || path === "/health") {
            sendHealth(response, health.ready() && !traffic.draining);
        } else if (path === "/metrics" && readMetrics !== undefined) {
            if (!metricsReaders.enter(response)) {
                const error = "too many read the metrics at once; try again";
                sendJson(response, 503, { error }, { "retry-after": "1" });
                return;
            }
            const { contentType, text } = await readMetrics();
            response.writeHead(200, { "content-type": contentType }).end(text);
        } else if (metadata?.paths.has(path) === true) {
            sendJson(response, 200, metadata.document, metadata.headers);
        } else if ((await serveRest?.(request, response, path)) !== true) {
            sendJson(response, 404, { error: `nothing is served at '${path}'` });
        }
    }

    return (request: IncomingMessage, response: ServerResponse): void => {
        const { url = "" } = request;
        const query = url.indexOf("?");
        const path = query === -1 ? url : url.slice(0, query);
        response.shouldKeepAlive &&= !traffic.draining;
        if (path === mcpPath) {
            gate(request, response, openExchange, refuseMessage);
        } else {
            void serveOthers(request, response, path);
        }
    };
}

const refuseMessage: Refuse = (response, { status, error, headers }) => {
    const text = JSON.stringify({ jsonrpc: "2.0", id: null, error });
    writeJson(response, status, text, headers);
};

function sendHealth(response: ServerResponse, healthy: boolean): void {
    sendJson(response, healthy ? 200 : 503, { status: healthy ? "ok" : "unavailable" });
}
