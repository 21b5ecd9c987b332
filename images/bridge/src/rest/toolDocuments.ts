import type { IncomingMessage, ServerResponse } from "node:http";
import type { JsonObject } from "../json/jsonRpc.ts";
import type { Tool } from "../processes/toolCatalog.ts";
import { buildOpenApi } from "./openApi.ts";
import { sendUnavailable } from "./restError.ts";
import type { RestEndpointArgs } from "./restEndpointArgs.ts";
import { sendTagged, tagBody, type TaggedBody } from "./taggedBody.ts";

/** Whether a path describes the tools. */
export function isToolDocumentPath(path: string): boolean {
    return path === "/tools" || path === "/openapi.json";
}

/** Serves `GET /tools` and `GET /openapi.json`, each of the tools that its caller may know of. */
export function createToolDocuments<Caller>(args: RestEndpointArgs<Caller>) {
    const { about, bearer, catalog, offers = () => true } = args;
    const buildList = once((tools) => ({ tools }));
    const buildDescription = once((tools) => buildOpenApi({ server: about(), tools, bearer }));

    return async (
        request: IncomingMessage,
        response: ServerResponse,
        path: string,
        caller: Caller,
    ): Promise<void> => {
        let tools: readonly Tool[];
        try {
            tools = await catalog.tools();
        } catch (error) {
            sendUnavailable(response, error);
            return;
        }
        const offered = tools.filter(({ name }) => offers(name, caller));
        const build = path === "/tools" ? buildList : buildDescription;
        sendTagged(request, response, build(offered.length < tools.length ? offered : tools), {
            "content-type": "application/json",
            "cache-control": "private, no-cache",
            vary: "authorization, origin",
        });
    };
}

/** Builds a document once for each array of tools, which the catalogue keeps while they stay the same. */
function once(
    build: (tools: readonly Tool[]) => JsonObject,
): (tools: readonly Tool[]) => TaggedBody {
    const built = new WeakMap<readonly Tool[], TaggedBody>();
    return (tools) => {
        let tagged = built.get(tools);
        if (tagged === undefined) {
            tagged = tagBody(Buffer.from(JSON.stringify(build(tools))));
            built.set(tools, tagged);
        }
        return tagged;
    };
}
