import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { findRestAssets } from "../../restAssets.ts";
import type { JsonObject } from "../../src/json/jsonRpc.ts";
import type { CallResult } from "../../src/rest/callAnswer.ts";
import { createRestEndpoint } from "../../src/rest/restEndpoint.ts";
import type { RestEndpointArgs } from "../../src/rest/restEndpointArgs.ts";
import { ToolCatalog } from "../../src/processes/toolCatalog.ts";

/** The caller that a test's server takes each request to be of. */
export const caller = { subject: "test" };

/** A call as it arrived behind the façade. */
export interface ArrivedCall {
    caller: unknown;
    name: string;
    args: JsonObject;
    signal: AbortSignal;
}

export interface RestOptions extends Partial<RestEndpointArgs<typeof caller>> {
    /** What `tools/list` gives; a function is asked each time. */
    tools?: unknown[] | (() => unknown[]);
    /** What each call comes to. */
    answer?: (call: ArrivedCall) => CallResult | Promise<CallResult>;
}

/** The REST façade alone, at a free port of this machine. */
export interface RunningRest {
    url: string;
    calls: ArrivedCall[];
    log: { level: string; event: string; [field: string]: unknown }[];
    catalog: ToolCatalog;
    /** Requests that the façade is not done with. */
    unsettled(): number;
    /** Open connections to the façade. */
    connections(): Promise<number>;
    close(): Promise<void>;
}

/** Starts the façade in front of a server that is a function. */
export async function startRest({
    tools = [],
    answer = () => ({ result: { content: [] } }),
    ...options
}: RestOptions = {}): Promise<RunningRest> {
    const assetsDirectory = mkdtempSync(join(tmpdir(), "slipway-rest-"));
    for (const { source, name } of findRestAssets()) {
        copyFileSync(source, join(assetsDirectory, name));
    }
    const calls: ArrivedCall[] = [];
    const log: RunningRest["log"] = [];
    const catalog = new ToolCatalog(() =>
        Promise.resolve({ tools: typeof tools === "function" ? tools() : tools }),
    );
    const rest = createRestEndpoint<typeof caller>({
        callTool: async (caller, name, args, signal) => {
            const call = { caller, name, args, signal };
            calls.push(call);
            return await answer(call);
        },
        catalog,
        about: () => ({ title: "fixture", version: "1.2.3" }),
        bearer: false,
        assetsDirectory,
        bodyLimit: 10_000,
        log: (level, event, fields) => log.push({ level, event, ...fields }),
        ...options,
    });
    let unsettled = 0;
    const server = createServer((request, response) => {
        const [path = ""] = (request.url ?? "").split("?");
        if (rest.access(path) === undefined) {
            response.writeHead(404).end("not served by REST");
        } else {
            unsettled++;
            void rest.serve(request, response, path, caller).finally(() => unsettled--);
        }
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    return {
        url: `http://127.0.0.1:${port}`,
        calls,
        log,
        catalog,
        unsettled: () => unsettled,
        connections: () => promisify(server.getConnections.bind(server))(),
        close: async () => {
            const closed = new Promise((resolve) => server.close(resolve));
            server.closeAllConnections();
            await closed;
            rmSync(assetsDirectory, { recursive: true });
        },
    };
}

/** Sends a body, as JSON unless told otherwise. */
export async function postRest(
    url: string,
    body: unknown,
    headers: Record<string, string> = { "content-type": "application/json" },
) {
    const text = typeof body === "string" || body instanceof Buffer ? body : JSON.stringify(body);
    return await readRest(await fetch(url, { method: "POST", headers, body: text }));
}

/** The parts of an answer that tests look at. */
export async function readRest(response: Response) {
    const text = await response.text();
    const { status, headers } = response;
    const json = headers.get("content-type") === "application/json" && text !== "";
    return { status, headers, text, body: json ? JSON.parse(text) : undefined };
}
