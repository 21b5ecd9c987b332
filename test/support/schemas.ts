import type { V1CustomResourceDefinition } from "@kubernetes/client-node";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { projectRoot } from "../../local/stack.ts";
import type { Json } from "./recordResources.ts";

/** Definitions of APISIX's routes, by version of its controller. */
export const apisixDefinitions = {
    "1.8": "apisix-ingress-controller-1.8.4",
    "2.2": "apisix-ingress-controller-2.2.0",
};
/** Definitions of the routes of F5's controller. */
export const nginxIncDefinitions = "nginx-ingress-controller-5.5.4";

/** CustomResourceDefinitions of a controller. */
export function readDefinitions(file: string): V1CustomResourceDefinition[] {
    return read(file) as V1CustomResourceDefinition[];
}

/** What APISIX says about a plugin: the schema of its configuration, and when it acts. */
export interface PluginSchema {
    schema: Json;
    priority: number;
}

/** The plugins of APISIX that routes use, by name. */
export function readPluginSchemas(): Record<string, PluginSchema> {
    return read("apisix-plugins-3.18.0") as Record<string, PluginSchema>;
}

function read(file: string): unknown {
    return JSON.parse(readFileSync(join(projectRoot, `test/schemas/${file}.json`), "utf8"));
}
