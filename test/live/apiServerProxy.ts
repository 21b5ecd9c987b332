import type { KubeConfig } from "@kubernetes/client-node";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request, type RequestOptions } from "node:https";
import { text } from "node:stream/consumers";

/**
 * Makes one JSON-RPC call of the Service of a server, carried by the API server: for a server that no gateway has.
 *
 * @param target `<namespace>/<service>`
 */
export async function callThroughApiServer(
    kube: KubeConfig,
    target: string,
    message: { method: string; params: object },
): Promise<{ result?: unknown; error?: unknown }> {
    const [namespace, service] = target.split("/");
    const path = `/api/v1/namespaces/${namespace}/services/http:${service}:8000/proxy/mcp`;
    const options: RequestOptions = {
        method: "POST",
        headers: {
            "content-type": "application/json",
            accept: "application/json, text/event-stream",
        },
    };
    await kube.applyToHTTPSOptions(options);
    const asked = request(new URL(path, kube.getCurrentCluster()?.server), options);
    asked.end(JSON.stringify({ jsonrpc: "2.0", id: 1, ...message }));
    const [response] = (await once(asked, "response")) as [IncomingMessage];
    const body = await text(response);
    if (response.statusCode !== 200) {
        throw new Error(`${target}: ${response.statusCode} ${body}`);
    }
    return JSON.parse(body) as { result?: unknown; error?: unknown };
}
