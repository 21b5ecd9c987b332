import assert from "node:assert/strict";

import {
    type CheckedServer,
    findServerProblems,
} from "../../../../components/server/deployment/rules.ts";

const stdio: CheckedServer = { transport: "stdio", command: ["weather-mcp"] };

const cases: { server: CheckedServer; wrong: Record<string, RegExp> }[] = [
    { server: {}, wrong: {} },
    { server: stdio, wrong: {} },
    { server: { replicas: { min: 1, max: 1 } }, wrong: {} },
    { server: { replicas: { min: 0, max: 3 } }, wrong: { "replicas.min": /from 1, got 0/ } },
    {
        server: { replicas: { min: 4, max: 3 } },
        wrong: { "replicas.max": /not be below replicas.min \(4\), got 3/ },
    },
    { server: { replicas: { min: 1.5, max: 3 } }, wrong: { "replicas.min": /got 1.5/ } },
    { server: { sessions: "stateful" }, wrong: {} },
    {
        server: { sessions: "stateful", replicas: { min: 1, max: 2 } },
        wrong: { "replicas.max": /must be 1 for a stateful http server.*got 2/ },
    },
    { server: { sessions: "stateful", replicas: { min: 1, max: 1 } }, wrong: {} },
    {
        // A program in another language is not held to types.
        server: { ...stdio, transport: "sdtio", sessions: "sticky", isolation: "user" } as object,
        wrong: {
            transport: /one of http, stdio, got 'sdtio'; did you mean 'stdio'\?/,
            sessions: /one of stateless, stateful, got 'sticky'/,
            isolation: /one of auto, shared, session, principal, request, got 'user'/,
        },
    },
    { server: { sessions: "stateless", replicas: { min: 2, max: 9 } }, wrong: {} },
    { server: { volumes: [{ mountPath: "/data", claim: "a" }] }, wrong: {} },
    {
        server: {
            ...stdio,
            volumes: [{ mountPath: "/data", claim: "a" }],
            replicas: { min: 1, max: 2 },
        },
        wrong: { "replicas.max": /must be 1 with claim 'a', .*got 2; set 'shared: true' on the/ },
    },
    {
        server: {
            volumes: [{ mountPath: "/data", claim: "a", shared: true }],
            replicas: { min: 2, max: 2 },
        },
        wrong: {},
    },
    {
        server: { volumes: [{ mountPath: "/data", shared: true }] },
        wrong: { "volumes[0].shared": /left out without claim.*got true/ },
    },
    { server: { transport: "stdio" }, wrong: { command: /got nothing/ } },
    { server: { ...stdio, command: [] }, wrong: { command: /got nothing/ } },
    { server: { ...stdio, healthPath: "/health" }, wrong: { healthPath: /got '\/health'/ } },
    { server: { ...stdio, isolation: "shared" }, wrong: {} },
    { server: { ...stdio, isolation: "session", bridge: { processes: { max: 4 } } }, wrong: {} },
    { server: { isolation: "shared" }, wrong: { isolation: /http server.*got 'shared'/ } },
    { server: { tools: { allow: ["a"] } }, wrong: { tools: /http server.*got \{ allow \}/ } },
    { server: { bridge: { rest: true } }, wrong: { bridge: /http server.*got \{ rest \}/ } },
    {
        server: { ...stdio, isolation: "shared", bridge: { processes: { max: 4 } } },
        wrong: { "bridge.processes": /isolation 'shared', which has one process/ },
    },
    {
        server: { ...stdio, bridge: { sessions: { idleSeconds: 0, max: 0.5 } } },
        wrong: { "bridge.sessions.idleSeconds": /got 0$/, "bridge.sessions.max": /got 0.5$/ },
    },
    {
        server: { ...stdio, bridge: { sessions: { lifetimeSeconds: 600 } } },
        wrong: { "bridge.sessions.lifetimeSeconds": /from 1800 to .*, got 600/ },
    },
    {
        server: { ...stdio, bridge: { processes: { max: 2, warm: 3 } } },
        wrong: { "bridge.processes.warm": /from 0 to 2, got 3/ },
    },
    {
        server: { ...stdio, bridge: { calls: { max: 10, maxPerCaller: 11 } } },
        wrong: { "bridge.calls.maxPerCaller": /from 1 to 10, got 11/ },
    },
    {
        server: { ...stdio, bridge: { imageVariables: ["JAVA_HOME", "A B"] } },
        wrong: { "bridge.imageVariables": /got 'A B'/ },
    },
    { server: { ...stdio, mcpPath: "/tools" }, wrong: { mcpPath: /a path of the bridge/ } },
    { server: { ...stdio, mcpPath: "/metrics/mcp" }, wrong: { mcpPath: /'\/metrics'/ } },
    { server: { mcpPath: "/tools" }, wrong: {} },
    {
        server: { ...stdio, tools: { allow: ["get_*"], scopes: { get_wind: ["wind:read"] } } },
        wrong: {},
    },
    { server: { ...stdio, tools: { allow: [] } }, wrong: { "tools.allow": /leave it out/ } },
    { server: { ...stdio, tools: { allow: ["a,b"] } }, wrong: { tools: /got 'a,b'/ } },
    {
        server: { ...stdio, tools: { allow: ["get"], scopes: { set: ["wind:write"] } } },
        wrong: { "tools.scopes.set": /'tools.allow' has \(get\), got 'set'/ },
    },
    {
        server: { ...stdio, tools: { scopes: { a: [], b: ["x y"], c: ["profile"] } } },
        wrong: {
            "tools.scopes.a": /at least one/,
            "tools.scopes.b": /got 'x y'/,
            "tools.scopes.c": /Keycloak already has, got 'profile'/,
        },
    },
    { server: { ingress: [{}] }, wrong: { "ingress[0]": /got neither/ } },
    { server: { scaling: { cpuPercent: 0 } }, wrong: { "scaling.cpuPercent": /got 0/ } },
    {
        server: { scaling: { memoryPercent: 5000 } },
        wrong: { "scaling.memoryPercent": /got 5000/ },
    },
    { server: { scaling: { metrics: ["cpu"] } }, wrong: {} },
    {
        server: { scaling: { metrics: [] } },
        wrong: { "scaling.metrics": /at least one of 'cpu' and 'memory', got none; .*replicas/ },
    },
    {
        server: { scaling: { metrics: ["cpu", "disk"] } } as object,
        wrong: { "scaling.metrics": /one of cpu, memory, got 'disk'/ },
    },
    {
        server: { scaling: { metrics: ["cpu"], memoryPercent: 90 } },
        wrong: { "scaling.memoryPercent": /left out without 'memory' .*\(cpu\), got 90/ },
    },
    { server: { scaling: { memoryPercent: 200 } }, wrong: {} },
    {
        server: { scaling: { memoryPercent: 201 } },
        wrong: { "scaling.memoryPercent": /at most 200, the memory limit in percent .*, got 201/ },
    },
    {
        server: { ...stdio, bridge: { processes: { max: 6 } } },
        wrong: {},
    },
    {
        server: { ...stdio, bridge: { processes: { max: 32 } } },
        wrong: {
            "bridge.processes.max":
                /at most 6 with the memory limit of 512 MiB, which holds the bridge \(96 MiB\) and processes of 64 MiB, got 32; raise resources\.limits\.memory to '2144Mi' or/,
        },
    },
    {
        server: { ...stdio, bridge: { processes: { max: 32, mebibytes: 13 } } },
        wrong: {},
    },
    {
        server: {
            ...stdio,
            bridge: { processes: { max: 32 } },
            resources: { limits: { memory: "2144Mi" } },
        },
        wrong: {},
    },
    {
        server: { ...stdio, bridge: { processes: { mebibytes: 0 } } },
        wrong: { "bridge.processes.mebibytes": /from 1 to .*, got 0/ },
    },
    {
        server: {
            ...stdio,
            resources: { requests: { memory: "64Mi" }, limits: { memory: "128Mi" } },
        },
        wrong: { "resources.limits.memory": /at least '160Mi', got 128 MiB; set bridge/ },
    },
    {
        server: {
            ...stdio,
            isolation: "shared",
            resources: { requests: { memory: "64Mi" }, limits: { memory: "128Mi" } },
        },
        wrong: {},
    },
    {
        server: { ...stdio, bridge: { processes: { warm: 7 } } },
        wrong: { "bridge.processes.warm": /at most 6 with the memory limit .*got 7/ },
    },
    {
        server: { ...stdio, bridge: { processes: { warm: 2 } } },
        wrong: {
            "bridge.processes.warm": /idle pods \(224 MiB: .*target of 204 MiB, got 2; raise/,
        },
    },
    {
        server: {
            ...stdio,
            bridge: { processes: { warm: 2 } },
            scaling: { metrics: ["cpu"] },
        },
        wrong: {},
    },
    { server: { scaling: { scaleDownSeconds: -1 } }, wrong: { "scaling.scaleDownSeconds": /-1/ } },
    { server: { resources: { requests: { cpu: "0.25", memory: "0.2Gi" } } }, wrong: {} },
    {
        server: { resources: { requests: { cpu: "2" } } },
        wrong: { "resources.requests.cpu": /above resources.limits.cpu \('1'\), got '2'/ },
    },
    {
        server: { resources: { limits: { memory: "64Mi" } } },
        wrong: { "resources.requests.memory": /\('64Mi'\), got '256Mi'/ },
    },
    {
        server: { resources: { limits: { cpu: "many", memory: "1 GB" } } },
        wrong: { "resources.limits.cpu": /got 'many'/, "resources.limits.memory": /got '1 GB'/ },
    },
    { server: { port: 80 }, wrong: { port: /1024 to 65535, got 80/ } },
    { server: { port: 70000 }, wrong: { port: /got 70000/ } },
    { server: { mcpPath: "mcp" }, wrong: { mcpPath: /got 'mcp'/ } },
    { server: { mcpPath: "/mcp/" }, wrong: { mcpPath: /got '\/mcp\/'/ } },
    { server: { mcpPath: "/a/../b" }, wrong: { mcpPath: /got/ } },
    { server: { healthPath: "/health?x=1" }, wrong: { healthPath: /got/ } },
    { server: { longestCallSeconds: 0 }, wrong: { longestCallSeconds: /got 0/ } },
    { server: { longestCallSeconds: 4000 }, wrong: { longestCallSeconds: /gateway.*got 4000/ } },
    { server: { env: { "A-B": "" } }, wrong: { "env.A-B": /got 'A-B'/ } },
    { server: { env: { PORT: "1" } }, wrong: { "env.PORT": /that Slipway sets/ } },
    {
        server: { secrets: { SLIPWAY_PATH: "" } },
        wrong: { "secrets.SLIPWAY_PATH": /that Slipway sets/ },
    },
    { server: { env: { KEY: "" }, secrets: { KEY: "" } }, wrong: { "secrets.KEY": /in both/ } },
    {
        server: { env: { KEY: "" }, envFrom: { KEY: { secret: "a" } } },
        wrong: { "envFrom.KEY": /in 'env' as well, got 'KEY' in both/ },
    },
    {
        server: { envFrom: { PORT: { secret: "a" }, KEY: {} } },
        wrong: { "envFrom.PORT": /that Slipway sets/, "envFrom.KEY": /exactly one of .*got none/ },
    },
    {
        server: { files: [{ mountPath: "/tmp", secret: "a", configMap: "b" }] },
        wrong: { "files[0].mountPath": /got '\/tmp'/, "files[0]": /got secret and configMap/ },
    },
    {
        server: { files: [{ mountPath: "/a", secret: "a", keys: [] }] },
        wrong: { "files[0].keys": /leave it out to mount all/ },
    },
    {
        server: { volumes: [{ mountPath: "/a" }], files: [{ mountPath: "/a", secret: "a" }] },
        wrong: { "files[0].mountPath": /directory of volumes\[0\] as well, got '\/a'/ },
    },
    {
        server: { podLabels: { team: "a", "app.kubernetes.io/name": "b" } },
        wrong: { "podLabels.app.kubernetes.io/name": /selects the pods/ },
    },
    { server: { egress: [{}] }, wrong: { "egress[0]": /got neither/ } },
    {
        server: { egress: [{ cidr: "10.0.0.0/8", namespace: "data" }] },
        wrong: { "egress[0]": /got both/ },
    },
    {
        server: { egress: [{ cidr: "10.1.2.3" }] },
        wrong: { "egress[0].cidr": /a single one is '10.1.2.3\/32'/ },
    },
    {
        server: { egress: [{ pods: {}, except: ["10.0.0.0/8"] }] },
        wrong: { "egress[0].except": /got no cidr/ },
    },
    { server: { egress: [{ pods: {}, ports: [0] }] }, wrong: { "egress[0].ports": /got 0/ } },
    {
        server: { volumes: [{ mountPath: "/slipway" }] },
        wrong: { "volumes[0].mountPath": /got '\/slipway'/ },
    },
    {
        server: { volumes: [{ mountPath: "/tmp" }] },
        wrong: { "volumes[0].mountPath": /got '\/tmp'/ },
    },
    {
        server: { volumes: [{ mountPath: "/data", claim: "a", mebibytes: 1 }] },
        wrong: { "volumes[0].mebibytes": /own size, got 1/ },
    },
];

describe("findServerProblems", () => {
    for (const { server, wrong } of cases) {
        it(`finds [${Object.keys(wrong).join()}] wrong in ${JSON.stringify(server)}`, () => {
            const problems = findServerProblems(server);
            assert.deepEqual(
                problems.map(({ path }) => path),
                Object.keys(wrong),
            );
            for (const { path, reason } of problems) {
                assert.match(reason, wrong[path] ?? /^$/);
            }
        });
    }

    it("finds all problems at once", () => {
        const paths = findServerProblems({
            transport: "stdio",
            port: 1,
            replicas: { min: 0, max: -1 },
            env: { PORT: "" },
        }).map(({ path }) => path);
        assert.deepEqual(paths, ["port", "command", "replicas.min", "replicas.max", "env.PORT"]);
    });
});
