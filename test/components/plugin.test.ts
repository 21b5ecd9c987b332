import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { join } from "node:path";

import { ComponentPlugin } from "../../components/plugin.ts";
import { only, recordResources, valueOf } from "../support/recordResources.ts";

const address = { host: "mcp.example.org" };

/** A value as it arrives when it comes from a resource: an output, known or not. */
const output = <T>(value: T, isKnown = true) =>
    new (pulumi.Output as unknown as new (...parts: unknown[]) => pulumi.Output<T>)(
        new Set(),
        Promise.resolve(value),
        Promise.resolve(isKnown),
        Promise.resolve(false),
        Promise.resolve(new Set()),
    );

/** A route as a program in another language passes it on from an `McpServer`. */
const route = (server: string, prefix: string) => ({
    server: output(server),
    prefix: output(prefix),
    stripPrefix: output(true),
    publicPaths: output(["/mcp"]),
    openPaths: output([]),
    namespace: output("tools"),
    serviceName: output("", false),
    headlessServiceName: output("", false),
    podLabels: output({ app: server }),
    port: output(8000),
    resource: output(`https://mcp.example.org${prefix}/mcp`),
    scopes: output([`mcp:${server}`]),
    limits: output({ requestsPerSecond: 10, burst: 20, bodyMebibytes: 4 }),
    cors: output({ origins: ["*"] }),
    longestCallSeconds: output(300),
});

const gateway = (...routes: unknown[]) => ({
    namespace: output("tools"),
    address,
    tls: { selfSigned: true },
    exposure: { loadBalancer: true },
    identity: { issuer: "https://auth.example.org/realms/a", jwksUri: "https://auth.example.org" },
    routes,
    verifierImage: "registry.example.org/bridge:1.0.0",
});

describe("a component of a program in another language", function () {
    this.timeout(60_000);
    const plugin = new ComponentPlugin(join(import.meta.dirname, "../../components"));

    // Reads the types of all components, which takes seconds.
    before(() => plugin.getSchema());

    it("takes what comes from other resources where it needs plain values", async () => {
        let endpoints: unknown;
        await recordResources(async () => {
            const args = gateway(output(route("weather", "/weather")));
            const { state } = await plugin.construct(
                "edge",
                "slipway:index:NginxGateway",
                args,
                {},
            );
            endpoints = await valueOf((state as { endpoints: pulumi.Output<unknown> }).endpoints);
        });
        assert.deepEqual(endpoints, { weather: "https://mcp.example.org/weather/mcp" });
    });

    it("is refused by the rules that compare plain values", async () => {
        const args = gateway(route("weather", "/weather"), route("tides", "/weather"));
        await assert.rejects(
            recordResources(() => plugin.construct("edge", "slipway:index:NginxGateway", args, {})),
            /routes\[1\]\.prefix: .*'\/weather' of 'weather'/,
        );
    });

    const cases = [
        { said: false, args: {}, protect: true },
        { said: false, args: { protect: false }, protect: false },
        { said: true, args: {}, protect: true },
    ];
    for (const { said, args, protect } of cases) {
        it(`is ${protect ? "" : "not "}protected with ${JSON.stringify(args)} where the engine says ${said}`, async () => {
            const recording = await recordResources(() =>
                plugin.construct(
                    "place",
                    "slipway:index:ServerNamespace",
                    { namespace: "tools", ...args },
                    { protect: said },
                ),
            );
            assert.equal(only(recording, "Namespace").protect, protect);
        });
    }
});
