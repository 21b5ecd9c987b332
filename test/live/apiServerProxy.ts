import type { KubeConfig } from "@kubernetes/client-node";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request, type RequestOptions } from "node:https";
import { text } from "node:stream/consumers";

import type { Answer } from "./post.ts";

/** Where a message goes, past every gateway: a Service, or one pod of many. */
export interface ProxyTarget {
    namespace: string;
    kind: "services" | "pods";
    name: string;
}

/** Posts one JSON-RPC message to port 8000 of a Service or pod; the API server carries it. */
export async function postThroughApiServer(
    kube: KubeConfig,
    { namespace, kind, name }: ProxyTarget,
    message: object,
    headers: Record<string, string> = {},
): Promise<Answer> {
    const scheme = kind === "services" ? "http:" : "";
    const path = `/api/v1/namespaces/${namespace}/${kind}/${scheme}${name}:8000/proxy/mcp`;
    const options: RequestOptions = {
        method: "POST",
        headers: {
            "content-type": "application/json",
            accept: "application/json, text/event-stream",
            // The API server hands it on; every bridge goes by this name.
            host: "localhost",
            ...headers,
        },
    };
    await kube.applyToHTTPSOptions(options);
    const asked = request(new URL(path, kube.getCurrentCluster()?.server), options);
    asked.end(JSON.stringify({ jsonrpc: "2.0", id: 1, ...message }));
    const [response] = (await once(asked, "response")) as [IncomingMessage];
    return {
        status: response.statusCode ?? 0,
        headers: new Headers(response.headers as Record<string, string>),
        text: await text(response),
    };
}
