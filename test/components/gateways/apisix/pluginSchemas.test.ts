import { Ajv } from "ajv";
import assert from "node:assert/strict";

import {
    ApisixAuthentication,
    ApisixGateway,
    type ApisixGatewayArgs,
} from "../../../../components/index.ts";
import { type Json, kindOf, recordResources } from "../../../support/recordResources.ts";
import { readPluginSchemas } from "../../../support/schemas.ts";
import { buildRoute, buildRoutingArgs } from "../routingArgs.ts";
import { priorities } from "./pluginChain.ts";

const schemas = readPluginSchemas();

const routes = [
    buildRoute("weather", { openPaths: ["/docs"] }),
    buildRoute("maps", { prefix: "", host: "maps.example.org", stripPrefix: false }),
    buildRoute("news", { cors: { origins: ["https://a.example", "http://localhost:6274"] } }),
];

/** Arguments by which every plugin is rendered with every key it may have. */
const variants: Partial<ApisixGatewayArgs>[] = [
    { callerLimits: { callsPerMinute: 600 } },
    { toolLimits: [{ server: "maps", tools: ["route"], calls: 3, seconds: 10 }] },
    { authentication: ApisixAuthentication.jwks },
    {
        authentication: ApisixAuthentication.introspection,
        openidConnect: { clientSecretName: "introspector" },
    },
];

async function listPlugins(): Promise<{ name: string; config: Json }[]> {
    const recordings = await Promise.all([recordAll()]);
    return recordings
        .flat()
        .filter((one) => kindOf(one) === "ApisixRoute")
        .flatMap(({ inputs }) => inputs.spec.http)
        .flatMap(({ plugins }) => plugins);
}

function recordAll() {
    return recordResources(() => {
        for (const [index, variant] of variants.entries()) {
            new ApisixGateway(`gateway-${index}`, { ...buildRoutingArgs(routes), ...variant });
        }
    });
}

describe("the plugins of rendered ApisixRoutes, by the schemas of APISIX 3.18", () => {
    it("have no key that a schema does not know, and no value that it refuses", async () => {
        const ajv = new Ajv({ strict: false });
        for (const { name, config } of await listPlugins()) {
            const schema = closed(schemas[name]!.schema);
            assert.ok(ajv.validate(schema, config), `${name}: ${ajv.errorsText()}`);
        }
    });

    it("act in the order that the model of APISIX knows", () => {
        const known = Object.keys(priorities).map((name) => [name, schemas[name]?.priority]);
        assert.deepEqual(Object.fromEntries(known), priorities);
    });
});

/** The schema without room for unknown keys: APISIX ignores them, so that a misspelt one would go unnoticed. */
function closed(schema: Json): Json {
    const known = JSON.parse(JSON.stringify(schema));
    // Lua writes an empty list as an empty object.
    for (const property of Object.values<Json>(known.properties)) delete property.default;
    return known.if === undefined && known.oneOf === undefined
        ? { ...known, additionalProperties: false }
        : known;
}
