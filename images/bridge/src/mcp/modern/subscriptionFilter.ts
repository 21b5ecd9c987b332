import type { ServerDescription } from "../../stdio/handshake.ts";
import { isObject, type JsonObject } from "../../json/jsonRpc.ts";

/** Fields of a subscription's filter, by the notification each asks for. */
export const listFields: Readonly<Record<string, { field: string; capability: string }>> = {
    "notifications/tools/list_changed": { field: "toolsListChanged", capability: "tools" },
    "notifications/prompts/list_changed": { field: "promptsListChanged", capability: "prompts" },
    "notifications/resources/list_changed": {
        field: "resourcesListChanged",
        capability: "resources",
    },
};

/** Resources one subscription may name. */
const resourceLimit = 1000;

/** The part of a filter that a server up to 2025-11-25 can honour. */
export function findHonouredFilter(
    filter: JsonObject,
    { capabilities }: ServerDescription,
): JsonObject {
    const honoured: JsonObject = {};
    for (const { field, capability } of Object.values(listFields)) {
        const declared = capabilities[capability];
        if (filter[field] === true && isObject(declared) && declared.listChanged === true) {
            honoured[field] = true;
        }
    }
    const { resources } = capabilities;
    const uris = filter.resourceSubscriptions;
    if (isObject(resources) && resources.subscribe === true && Array.isArray(uris)) {
        const named = uris.filter((uri) => typeof uri === "string").slice(0, resourceLimit);
        if (named.length > 0) {
            honoured.resourceSubscriptions = named;
        }
    }
    return honoured;
}
