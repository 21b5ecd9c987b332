import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";

import type { McpServerArgs } from "../../../components/server/args.ts";
import { McpServer } from "../../../components/server/mcpServer.ts";
import { type Json, only, recordResources, valueOf } from "../../support/recordResources.ts";

const args: McpServerArgs = {
    namespace: "tools",
    image: "registry.example.org/weather:1.2.0",
    gatewayPods: { labels: { app: "gateway" } },
    address: { host: "mcp.example.org" },
};

describe("McpServer", () => {
    it("runs its image", async () => {
        const recording = await recordResources(() => new McpServer("weather", args));
        const [container] = only(recording, "Deployment").inputs.spec.template.spec.containers;
        assert.equal(container.image, "registry.example.org/weather:1.2.0");
    });

    it("returns its route", async () => {
        await recordResources(async () => {
            const { serviceName, serviceAddress, headlessServiceName, ...route } = new McpServer(
                "weather",
                args,
            ).route;
            assert.ok(serviceAddress);
            assert.deepEqual(route, {
                server: "weather",
                host: "mcp.example.org",
                prefix: "/weather",
                stripPrefix: true,
                publicPaths: ["/mcp"],
                openPaths: [],
                namespace: "tools",
                podLabels: {
                    "app.kubernetes.io/name": "weather",
                    "app.kubernetes.io/component": "server",
                    "app.kubernetes.io/part-of": "slipway",
                },
                port: 8000,
                resource: "https://mcp.example.org/weather/mcp",
                checkRevocation: false,
                certificateBound: false,
                scopes: ["mcp:weather"],
                limits: { requestsPerSecond: 1000, burst: 2000, bodyMebibytes: 4 },
                cors: { origins: ["*"] },
                longestCallSeconds: 300,
            });
            const names = await valueOf(pulumi.all([serviceName, headlessServiceName]));
            assert.deepEqual(names, ["weather", "weather-addresses-0a1b2c3d"]);
        });
    });

    for (const prefix of ["/", ""]) {
        it(`can be at the root of a host of its own, with the prefix '${prefix}'`, async () => {
            const recording = await recordResources(() => {
                const { route } = new McpServer("weather", {
                    ...args,
                    host: "weather.example.org",
                    prefix,
                    transport: "stdio",
                    command: ["weather-mcp"],
                    bridgeImage: "bridge:1.0.0",
                });
                assert.deepEqual([route.host, route.prefix], ["weather.example.org", ""]);
                assert.equal(route.resource, "https://weather.example.org/mcp");
            });
            const { env } = only(recording, "Deployment").inputs.spec.template.spec.containers[0];
            const hosts = env.find(({ name }: Json) => name === "SLIPWAY_ALLOWED_HOSTS").value;
            assert.match(hosts, /^weather\.example\.org,weather,/);
        });
    }

    it("uses one port in route, Services and pods", async () => {
        let port = 0;
        const recording = await recordResources(() => {
            ({ port } = new McpServer("weather", { ...args, port: 9000 }).route);
        });
        const pods = only(recording, "Deployment").inputs.spec.template.spec;
        assert.deepEqual(
            [
                port,
                only(recording, "Service", "weather-addresses").inputs.spec.ports[0].port,
                pods.containers[0].ports[0].containerPort,
                only(recording, "NetworkPolicy").inputs.spec.ingress[0].ports[0].port,
            ],
            [9000, 9000, 9000, 9000],
        );
    });

    it("bridges a stdio server and allows its public host", async () => {
        const stdio: McpServerArgs = {
            ...args,
            transport: "stdio",
            command: ["weather-mcp"],
            bridgeImage: "registry.example.org/bridge@sha256:1",
        };
        const recording = await recordResources(() => new McpServer("weather", stdio));
        const pods = only(recording, "Deployment").inputs.spec.template.spec;
        assert.equal(pods.initContainers[0].image, "registry.example.org/bridge@sha256:1");
        const hosts = pods.containers[0].env.find(
            ({ name }: Json) => name === "SLIPWAY_ALLOWED_HOSTS",
        );
        assert.match(hosts.value, /^mcp\.example\.org,weather,/);
    });

    it("exposes the REST paths of the bridge with 'rest: true', and no other path", async () => {
        const stdio: McpServerArgs = {
            ...args,
            transport: "stdio",
            command: ["weather-mcp"],
            bridgeImage: "registry.example.org/bridge@sha256:1",
            limits: { bodyMebibytes: 8 },
            tools: { scopes: { get_wind: ["wind:read"] } },
        };
        const recording = await recordResources(() => {
            const { publicPaths, openPaths } = new McpServer("weather", stdio).route;
            assert.deepEqual([publicPaths, openPaths], [["/mcp"], []]);
            const { route } = new McpServer("tides", { ...stdio, bridge: { rest: true } });
            assert.deepEqual(route.publicPaths, ["/mcp", "/tools", "/call", "/openapi.json"]);
            assert.deepEqual(route.openPaths, ["/docs", "/redoc"]);
        });
        const { env } = only(recording, "Deployment", "tides-pods").inputs.spec.template.spec
            .containers[0];
        const values = Object.fromEntries(env.map(({ name, value }: Json) => [name, value]));
        assert.equal(values.SLIPWAY_REST, "true");
        assert.equal(values.SLIPWAY_MAX_BODY_BYTES, String(8 * 1024 * 1024));
        assert.equal(values.SLIPWAY_AUDIENCE, "https://mcp.example.org/tides/mcp");
        assert.equal(values.SLIPWAY_TOOL_SCOPES, "get_wind=mcp:tides wind:read");
    });

    it("gives a mounted server the pods of its process, and an address and tokens of its own", async () => {
        await recordResources(() => {
            const mounts = [{ name: "tides", stripPrefix: false, mcpPath: "/mcp" }];
            const more = { mounts, paths: ["/stations"], openPaths: ["/docs"] };
            const server = new McpServer("weather", { ...args, ...more, mcpPath: "/weather/mcp" });
            const [own, mounted, ...others] = server.routes;
            assert.deepEqual(others, []);
            assert.equal(own, server.route);
            assert.deepEqual(own?.publicPaths, ["/weather/mcp", "/stations"]);
            assert.deepEqual(own?.openPaths, ["/docs"]);
            assert.deepEqual(mounted, {
                ...own,
                server: "tides",
                prefix: "/tides",
                stripPrefix: false,
                publicPaths: ["/mcp"],
                openPaths: [],
                resource: "https://mcp.example.org/tides/mcp",
                scopes: ["mcp:tides"],
            });
        });
    });

    const refused: { change: Partial<McpServerArgs>; reason: RegExp }[] = [
        { change: { image: "weather:latest" }, reason: /- image: .*'weather:latest'/ },
        { change: { transport: "stdio" }, reason: /- command: .*\n.*- bridgeImage: must be given/ },
        { change: { prefix: "/a/" }, reason: /- prefix: .*got '\/a\/'/ },
        { change: { prefix: "/.well-known" }, reason: /- prefix: .*metadata/ },
        { change: { host: "a.b:443" }, reason: /- host: .*did you mean 'a\.b'\?/ },
        {
            change: { prefix: "/", mcpPath: "/.well-known/mcp" },
            reason: /- mcpPath: must not lie below .* got '\/\.well-known\/mcp'/,
        },
        { change: { prefix: "", mcpPath: "/_verify" }, reason: /- mcpPath: .*got '\/_verify'/ },
        { change: { scopes: [] }, reason: /- scopes: .*got none/ },
        {
            change: { mounts: [{ name: "Tides", prefix: "tides/", mcpPath: "mcp", scopes: [] }] },
            reason: /mounts\[0\]\.name.*\n.*mounts\[0\]\.prefix.*\n.*mounts\[0\]\.mcpPath.*\n.*mounts\[0\]\.scopes/,
        },
        { change: { paths: ["stations"] }, reason: /- paths\[0\]: .*got 'stations'/ },
        { change: { openPaths: ["/docs/"] }, reason: /- openPaths\[0\]: .*got '\/docs\/'/ },
        {
            change: {
                transport: "stdio",
                command: ["weather-mcp"],
                bridgeImage: "bridge:1.0.0",
                mounts: [{ name: "tides" }],
            },
            reason: /- mounts: must be left out for a stdio server/,
        },
        { change: { scopes: ["a b"] }, reason: /- scopes: .*got 'a b'/ },
        { change: { limits: { burst: 0 } }, reason: /- limits\.burst: .*got 0/ },
        {
            change: { cors: { origins: ["app.example.org"] } },
            reason: /- cors\.origins: .*got 'app\.example\.org'/,
        },
        {
            change: { address: { host: "https://mcp.example.org:8443/x" } },
            reason: /- address\.host: .*did you mean 'mcp\.example\.org'\?/,
        },
    ];
    for (const { change, reason } of refused) {
        it(`refuses ${JSON.stringify(change)}`, async () => {
            const failing = recordResources(() => new McpServer("weather", { ...args, ...change }));
            await assert.rejects(failing, reason);
        });
    }

    for (const name of ["Weather", "-weather", "a".repeat(41)]) {
        it(`refuses the name '${name}'`, async () => {
            await assert.rejects(
                recordResources(() => new McpServer(name, args)),
                /- name: must be at most 40/,
            );
        });
    }

    it("refuses a name that is invalid for a Service", async () => {
        await assert.rejects(
            recordResources(() => new McpServer("9weather", args)),
            /- name: must start with a lower-case letter, got '9weather'/,
        );
    });
});
