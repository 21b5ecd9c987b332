import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";

import { optionTable } from "../../../../images/bridge/src/options/bridgeOptions.ts";
import type { ServerDeploymentArgs } from "../../../../components/server/deployment/args.ts";
import { ScalingMetric } from "../../../../components/server/deployment/settings.ts";
import { ServerDeployment } from "../../../../components/server/deployment/serverDeployment.ts";
import {
    inventory,
    type Json,
    kindOf,
    only,
    type Recording,
    recordResources,
    valueOf,
} from "../../../support/recordResources.ts";

const args: ServerDeploymentArgs = {
    namespace: "tools",
    image: "registry/weather@sha256:0",
    gatewayPods: { labels: { app: "gateway" } },
};

function deploy(more: Partial<ServerDeploymentArgs> = {}): Promise<Recording> {
    return recordResources(() => new ServerDeployment("weather", { ...args, ...more }));
}

async function podOf(more: Partial<ServerDeploymentArgs> = {}) {
    return only(await deploy(more), "Deployment").inputs.spec.template.spec;
}

async function containerOf(more: Partial<ServerDeploymentArgs> = {}) {
    return (await podOf(more)).containers[0];
}

describe("ServerDeployment", () => {
    it("creates exactly these resources", async () => {
        assert.deepEqual(inventory(await deploy()), [
            "ServerDeployment weather",
            "ServerDeployment weather / Deployment weather-pods",
            "ServerDeployment weather / HorizontalPodAutoscaler weather-autoscaler",
            "ServerDeployment weather / NetworkPolicy weather-network",
            "ServerDeployment weather / PodDisruptionBudget weather-disruptions",
            "ServerDeployment weather / Service weather-addresses",
            "ServerDeployment weather / Service weather-service",
            "ServerDeployment weather / ServiceAccount weather-account",
        ]);
    });

    it("can be created twice in one program", async () => {
        const recording = await recordResources(() => [
            new ServerDeployment("weather", args),
            new ServerDeployment("tides", args),
        ]);
        const names = recording.map((resource) => `${kindOf(resource)} ${resource.name}`);
        assert.equal(new Set(names).size, 16);
        const selectors = recording
            .filter((resource) => kindOf(resource) === "Deployment")
            .map(({ inputs }) => JSON.stringify(inputs.spec.selector));
        assert.equal(new Set(selectors).size, 2);
    });

    it("leaves the number of pods to the autoscaler", async () => {
        const recording = await deploy({ replicas: { min: 2, max: 5 } });
        assert.equal("replicas" in only(recording, "Deployment").inputs.spec, false);
        const scaling = only(recording, "HorizontalPodAutoscaler").inputs.spec;
        assert.deepEqual([scaling.minReplicas, scaling.maxReplicas], [2, 5]);
    });

    const bridge = { image: "registry/bridge@sha256:1" };
    const claim = { mountPath: "/data", claim: "tasks" };
    const defaults: { what: string; more: Partial<ServerDeploymentArgs>; most: number }[] = [
        { what: "an HTTP server that may keep sessions", more: {}, most: 1 },
        { what: "a stateful HTTP server", more: { sessions: "stateful" }, most: 1 },
        { what: "a stateless HTTP server", more: { sessions: "stateless" }, most: 3 },
        { what: "a bridged server", more: { bridge, command: ["weather-mcp"] }, most: 3 },
        {
            what: "a bridged server with a claim",
            more: { bridge, command: ["weather-mcp"], volumes: [claim] },
            most: 1,
        },
        {
            what: "a stateless server with a claim",
            more: { sessions: "stateless", volumes: [claim] },
            most: 1,
        },
        {
            what: "a stateless server with a shared claim",
            more: { sessions: "stateless", volumes: [{ ...claim, shared: true }] },
            most: 3,
        },
        {
            what: "a stateless server with a directory that is lost with the pod",
            more: { sessions: "stateless", volumes: [{ mountPath: "/cache" }] },
            most: 3,
        },
    ];
    for (const { what, more, most } of defaults) {
        it(`scales ${what} to at most ${most} by default`, async () => {
            const { spec } = only(await deploy(more), "HorizontalPodAutoscaler").inputs;
            assert.deepEqual([spec.minReplicas, spec.maxReplicas], [1, most]);
        });
    }

    it("measures only the given metrics", async () => {
        const scaling = { metrics: [ScalingMetric.cpu] };
        const { spec } = only(await deploy({ scaling }), "HorizontalPodAutoscaler").inputs;
        assert.deepEqual(
            spec.metrics.map(({ resource }: Json) => resource.name),
            ["cpu"],
        );
    });

    it("scales its Deployment on CPU and memory", async () => {
        const scaling = { cpuPercent: 50, memoryPercent: 90, scaleDownSeconds: 60 };
        const { spec } = only(await deploy({ scaling }), "HorizontalPodAutoscaler").inputs;
        assert.equal(spec.scaleTargetRef.name, "weather-pods-0a1b2c3d");
        assert.deepEqual(
            spec.metrics.map(({ resource }: Json) => [
                resource.name,
                resource.target.averageUtilization,
            ]),
            [
                ["cpu", 50],
                ["memory", 90],
            ],
        );
        assert.equal(spec.behavior.scaleDown.stabilizationWindowSeconds, 60);
    });

    it("sets the requests that the autoscaler measures against", async () => {
        const { resources } = await containerOf({ resources: { requests: { cpu: "250m" } } });
        assert.deepEqual(resources, {
            requests: { cpu: "250m", memory: "256Mi" },
            limits: { cpu: "1", memory: "512Mi" },
        });
    });

    it("selects its own pods in every object", async () => {
        const recording = await deploy();
        const { selector, template } = only(recording, "Deployment").inputs.spec;
        assert.deepEqual(template.metadata.labels, selector.matchLabels);
        const service = only(recording, "Service", "weather-service").inputs.spec;
        const addresses = only(recording, "Service", "weather-addresses").inputs.spec;
        const budget = only(recording, "PodDisruptionBudget").inputs.spec;
        const policy = only(recording, "NetworkPolicy").inputs.spec;
        for (const labels of [
            service.selector,
            addresses.selector,
            budget.selector.matchLabels,
            policy.podSelector.matchLabels,
        ]) {
            assert.deepEqual(labels, selector.matchLabels);
        }
    });

    it("gives only its Service a fixed name", async () => {
        const recording = await deploy();
        assert.equal(only(recording, "Service", "weather-service").inputs.metadata.name, "weather");
        const named = recording.filter(({ inputs }) => inputs.metadata?.name !== undefined);
        assert.equal(named.length, 1);
    });

    it("has a Service whose address is known although no pod is ready", async () => {
        const { annotations } = only(await deploy(), "Service", "weather-service").inputs.metadata;
        assert.deepEqual(annotations, { "pulumi.com/skipAwait": "true" });
    });

    it("has a headless Service that lists its pods", async () => {
        let name = "";
        const recording = await recordResources(async () => {
            name = await valueOf(new ServerDeployment("weather", args).headlessServiceName);
        });
        assert.equal(name, "weather-addresses-0a1b2c3d");
        const { spec } = only(recording, "Service", "weather-addresses").inputs;
        assert.equal(spec.clusterIP, "None");
    });

    it("never blocks the drain of a node", async () => {
        const { spec } = only(await deploy(), "PodDisruptionBudget").inputs;
        assert.equal(spec.maxUnavailable, 1);
        assert.equal("minAvailable" in spec, false);
    });

    it("starts a new pod before it stops an old one", async () => {
        const { strategy } = only(await deploy(), "Deployment").inputs.spec;
        assert.deepEqual(strategy.rollingUpdate, { maxSurge: 1, maxUnavailable: 0 });
    });

    it("never runs two pods of a stateful server", async () => {
        const { strategy } = only(await deploy({ sessions: "stateful" }), "Deployment").inputs.spec;
        assert.deepEqual(strategy, { type: "Recreate" });
    });

    it("stops a pod before the next one mounts its claim, unless the claim is shared", async () => {
        const strategyOf = async (volume: object) =>
            only(await deploy({ volumes: [{ ...claim, ...volume }] }), "Deployment").inputs.spec
                .strategy.type;
        assert.equal(await strategyOf({}), "Recreate");
        assert.equal(await strategyOf({ shared: true }), "RollingUpdate");
    });

    it("gives a stopping pod the time of its longest call", async () => {
        const pod = await podOf({ longestCallSeconds: 120, drainSeconds: 20 });
        assert.deepEqual(pod.containers[0].lifecycle.preStop, { sleep: { seconds: 20 } });
        assert.equal(pod.terminationGracePeriodSeconds, 150);
    });

    for (const { longestCallSeconds, more, expected } of [
        { longestCallSeconds: 60, more: {}, expected: { delete: "600s" } },
        { longestCallSeconds: 3600, more: {}, expected: { delete: "3745s" } },
        {
            longestCallSeconds: 3600,
            more: { sessions: "stateful" as const },
            expected: { delete: "3745s", update: "4225s" },
        },
    ]) {
        it(`waits ${expected.delete} for pods that stop within ${longestCallSeconds} s and their grace`, async () => {
            const recording = await deploy({ longestCallSeconds, ...more });
            assert.deepEqual(only(recording, "Deployment").timeouts, expected);
        });
    }

    it("runs as Pod Security 'restricted' requires", async () => {
        const pod = await podOf();
        assert.deepEqual(pod.securityContext, {
            runAsNonRoot: true,
            seccompProfile: { type: "RuntimeDefault" },
        });
        assert.deepEqual(pod.containers[0].securityContext, {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ["ALL"] },
            readOnlyRootFilesystem: true,
        });
    });

    it("can write to /tmp only", async () => {
        const pod = await podOf();
        assert.deepEqual(pod.containers[0].volumeMounts, [{ name: "tmp", mountPath: "/tmp" }]);
        assert.deepEqual(pod.volumes, [{ name: "tmp", emptyDir: { sizeLimit: "256Mi" } }]);
    });

    it("mounts the given volumes", async () => {
        const volumes = [
            { mountPath: "/data", claim: "tasks" },
            { mountPath: "/cache", mebibytes: 10 },
        ];
        const pod = await podOf({ volumes });
        assert.deepEqual(pod.volumes.slice(1), [
            { name: "volume-1", persistentVolumeClaim: { claimName: "tasks" } },
            { name: "volume-2", emptyDir: { sizeLimit: "10Mi" } },
        ]);
        assert.equal(pod.securityContext.fsGroup, 1000);
    });

    it("has a writable home, unless the server is given another", async () => {
        const homeOf = async (more: Partial<ServerDeploymentArgs>) =>
            (await containerOf(more)).env.filter(({ name }: Json) => name === "HOME");
        assert.deepEqual(await homeOf({}), [{ name: "HOME", value: "/tmp" }]);
        const env = { HOME: "/data" };
        assert.deepEqual(await homeOf({ env }), [{ name: "HOME", value: "/data" }]);
    });

    it("runs where, and with the rank, that the caller chooses", async () => {
        const scheduling = {
            nodeSelector: { pool: "mcp" },
            tolerations: [{ key: "dedicated", operator: "Exists" }],
            affinity: {
                podAntiAffinity: {
                    requiredDuringSchedulingIgnoredDuringExecution: [
                        { topologyKey: "kubernetes.io/hostname" },
                    ],
                },
            },
            priorityClassName: "important",
        };
        const pod = await podOf(scheduling);
        assert.deepEqual({ ...pod, ...scheduling }, pod);
    });

    it("carries the annotations and labels of the caller beside its own", async () => {
        const more = {
            podAnnotations: { "example.org/team": "weather" },
            podLabels: { team: pulumi.output("weather") },
            serviceAccountAnnotations: { "eks.amazonaws.com/role-arn": pulumi.output("arn:1") },
        };
        const recording = await deploy(more);
        const { selector, template } = only(recording, "Deployment").inputs.spec;
        assert.deepEqual(template.metadata.annotations, more.podAnnotations);
        assert.deepEqual(template.metadata.labels, { team: "weather", ...selector.matchLabels });
        assert.deepEqual(only(recording, "ServiceAccount").inputs.metadata.annotations, {
            "eks.amazonaws.com/role-arn": "arn:1",
        });
        const bridged = await deploy({ ...more, bridge, command: ["weather-mcp"] });
        const { annotations } = only(bridged, "Deployment").inputs.spec.template.metadata;
        assert.equal(annotations["prometheus.io/scrape"], "true");
        assert.equal(annotations["example.org/team"], "weather");
    });

    const sources = {
        API_KEY: { secret: "weather-keys", key: "api-key" },
        UNITS: { configMap: pulumi.output("weather-settings") },
    };

    it("reads variables from existing Secrets and ConfigMaps", async () => {
        const { env } = await containerOf({ envFrom: sources });
        assert.deepEqual(env.slice(2), [
            {
                name: "API_KEY",
                valueFrom: { secretKeyRef: { name: "weather-keys", key: "api-key" } },
            },
            {
                name: "UNITS",
                valueFrom: { configMapKeyRef: { name: "weather-settings", key: "UNITS" } },
            },
        ]);
        const bridged = await containerOf({ envFrom: sources, bridge, command: ["weather-mcp"] });
        const passed = bridged.env.find(({ name }: Json) => name === "SLIPWAY_CHILD_ENV");
        assert.equal(passed.value, "API_KEY,UNITS");
    });

    it("mounts the entries of existing Secrets and ConfigMaps as files", async () => {
        const pod = await podOf({
            files: [
                { mountPath: "/etc/weather", configMap: "weather-settings" },
                { mountPath: "/etc/keys", secret: "weather-keys", keys: ["tls.crt"] },
            ],
        });
        assert.deepEqual(pod.containers[0].volumeMounts.slice(1), [
            { name: "files-1", mountPath: "/etc/weather", readOnly: true },
            { name: "files-2", mountPath: "/etc/keys", readOnly: true },
        ]);
        const items = [{ key: "tls.crt", path: "tls.crt" }];
        assert.deepEqual(pod.volumes.slice(1), [
            { name: "files-1", configMap: { name: "weather-settings" } },
            { name: "files-2", secret: { secretName: "weather-keys", items } },
        ]);
    });

    it("has no token for the API server", async () => {
        const recording = await deploy();
        assert.equal(only(recording, "ServiceAccount").inputs.automountServiceAccountToken, false);
        const pod = only(recording, "Deployment").inputs.spec.template.spec;
        assert.equal(pod.automountServiceAccountToken, false);
        assert.equal(pod.serviceAccountName, "weather-account-0a1b2c3d");
    });

    it("admits only the gateway, and allows only DNS", async () => {
        const { spec } = only(await deploy(), "NetworkPolicy").inputs;
        assert.deepEqual(spec.policyTypes, ["Ingress", "Egress"]);
        assert.deepEqual(spec.ingress, [
            {
                from: [{ podSelector: { matchLabels: { app: "gateway" } } }],
                ports: [{ protocol: "TCP", port: 8000 }],
            },
        ]);
        assert.deepEqual(
            spec.egress.map(({ ports }: Json) => ports.map(({ port }: Json) => port)),
            [[53, 53]],
        );
    });

    it("allows DNS at the ports of the cluster's DNS pods", async () => {
        const { spec } = only(await deploy({ dnsPorts: [53, 5353, 53] }), "NetworkPolicy").inputs;
        assert.deepEqual(
            spec.egress[0].ports.map(({ protocol, port }: Json) => `${protocol} ${port}`),
            ["UDP 53", "TCP 53", "UDP 5353", "TCP 5353"],
        );
    });

    it("admits a gateway of another namespace, by the labels of its dialect", async () => {
        const gatewayPods = { namespace: "apisix", labels: { "app.kubernetes.io/name": "apisix" } };
        const { spec } = only(await deploy({ gatewayPods }), "NetworkPolicy").inputs;
        assert.deepEqual(spec.ingress[0].from, [
            {
                namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "apisix" } },
                podSelector: { matchLabels: { "app.kubernetes.io/name": "apisix" } },
            },
        ]);
    });

    it("admits the servers in 'callers'", async () => {
        const { spec } = only(await deploy({ callers: ["planner"] }), "NetworkPolicy").inputs;
        assert.equal(
            spec.ingress[0].from[1].podSelector.matchLabels["app.kubernetes.io/name"],
            "planner",
        );
    });

    it("admits the pods in 'ingress'", async () => {
        const ingress = [
            { namespace: "monitoring", pods: { app: "prometheus" } },
            { pods: { app: "checker" } },
        ];
        const { spec } = only(await deploy({ ingress }), "NetworkPolicy").inputs;
        assert.deepEqual(spec.ingress[0].from.slice(1), [
            {
                namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } },
                podSelector: { matchLabels: { app: "prometheus" } },
            },
            { podSelector: { matchLabels: { app: "checker" } } },
        ]);
    });

    it("allows the destinations in 'egress'", async () => {
        const egress = [
            { cidr: "0.0.0.0/0", except: ["10.0.0.0/8"], ports: [443] },
            { namespace: "data", pods: { app: "db" }, ports: [5432] },
            { pods: { app: "cache" } },
        ];
        const { spec } = only(await deploy({ egress }), "NetworkPolicy").inputs;
        assert.deepEqual(spec.egress.slice(1), [
            {
                to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8"] } }],
                ports: [{ protocol: "TCP", port: 443 }],
            },
            {
                to: [
                    {
                        namespaceSelector: {
                            matchLabels: { "kubernetes.io/metadata.name": "data" },
                        },
                        podSelector: { matchLabels: { app: "db" } },
                    },
                ],
                ports: [{ protocol: "TCP", port: 5432 }],
            },
            { to: [{ podSelector: { matchLabels: { app: "cache" } } }] },
        ]);
    });

    it("probes the health path, or the port without one", async () => {
        const asked = await containerOf({ healthPath: "/health" });
        const open = await containerOf();
        for (const probe of ["startupProbe", "readinessProbe", "livenessProbe"]) {
            assert.deepEqual(asked[probe].httpGet, { path: "/health", port: 8000 });
            assert.deepEqual(open[probe].tcpSocket, { port: 8000 });
        }
    });

    it("restarts a container that does not answer within seconds, however long its calls may take", async () => {
        const { terminationGracePeriodSeconds, containers } = await podOf({
            longestCallSeconds: 3600,
        });
        assert.ok(terminationGracePeriodSeconds > 3600);
        for (const probe of ["startupProbe", "livenessProbe"]) {
            assert.equal(containers[0][probe].terminationGracePeriodSeconds, 10);
        }
        // The API server refuses it there.
        assert.equal(containers[0].readinessProbe.terminationGracePeriodSeconds, undefined);
    });

    it("spreads over zones and nodes", async () => {
        const { topologySpreadConstraints } = await podOf();
        assert.deepEqual(
            topologySpreadConstraints.map(({ topologyKey }: Json) => topologyKey),
            ["topology.kubernetes.io/zone", "kubernetes.io/hostname"],
        );
    });

    it("passes secrets by reference only", async () => {
        const recording = await deploy({
            env: { LEVEL: "info" },
            secrets: { API_KEY: "very secret" },
        });
        const [container] = only(recording, "Deployment").inputs.spec.template.spec.containers;
        assert.deepEqual(container.env, [
            { name: "PORT", value: "8000" },
            { name: "HOME", value: "/tmp" },
            { name: "LEVEL", value: "info" },
            {
                name: "API_KEY",
                valueFrom: { secretKeyRef: { name: "weather-secrets-0a1b2c3d", key: "API_KEY" } },
            },
        ]);
        assert.deepEqual(only(recording, "Secret").inputs.stringData, { API_KEY: "very secret" });
    });

    it("pulls with the given Secret", async () => {
        const { imagePullSecrets } = await podOf({ pullSecretName: pulumi.output("login") });
        assert.deepEqual(imagePullSecrets, [{ name: "login" }]);
    });

    it("refuses invalid arguments all at once, before anything is created", async () => {
        const bad = { port: 80, replicas: { min: 4, max: 3 }, scaling: { cpuPercent: 0 } };
        await assert.rejects(deploy(bad), (error: Error) => {
            for (const path of ["port:", "replicas.max:", "scaling.cpuPercent:"]) {
                assert.ok(error.message.includes(`  - ${path}`), error.message);
            }
            return true;
        });
    });
});

describe("ServerDeployment with a bridge", () => {
    const bridged = {
        bridge: { image: "registry/bridge@sha256:1" },
        command: ["weather-mcp", "--units", "metric"],
        allowedHosts: ["mcp.example.org"],
        allowedOrigins: ["https://app.example.org"],
        longestCallSeconds: 90,
    };

    it("copies the bridge into the pod before the server starts", async () => {
        const { initContainers } = await podOf(bridged);
        const [installer] = initContainers;
        assert.equal(installer.image, "registry/bridge@sha256:1");
        assert.deepEqual(installer.command, [
            "/slipway/bin/node",
            "/slipway/install.cjs",
            "/target",
            "--execute-only",
        ]);
        assert.deepEqual(installer.volumeMounts, [{ name: "bridge", mountPath: "/target" }]);
        assert.equal(installer.securityContext.readOnlyRootFilesystem, true);
    });

    it("runs the server's command in its own image, behind the bridge", async () => {
        const { image, command, volumeMounts } = await containerOf(bridged);
        assert.equal(image, args.image);
        assert.deepEqual(command, [
            "/slipway/bin/init",
            "-s",
            "--",
            "/slipway/bin/node",
            "--max-semi-space-size=4",
            "--single-threaded-gc",
            "--no-maglev",
            "--no-sparkplug",
            "--no-node-snapshot",
            "/slipway/bridge.cjs",
            "--",
            "weather-mcp",
            "--units",
            "metric",
        ]);
        assert.deepEqual(volumeMounts[1], {
            name: "bridge",
            mountPath: "/slipway",
            readOnly: true,
        });
    });

    it("configures the bridge for its server", async () => {
        const { env } = await containerOf({
            ...bridged,
            env: { LEVEL: "info" },
            secrets: { API_KEY: "very secret" },
            bridge: { ...bridged.bridge, imageVariables: ["JAVA_HOME"] },
        });
        const values = Object.fromEntries(env.map(({ name, value }: Json) => [name, value]));
        assert.deepEqual(values, {
            PORT: "8000",
            HOME: "/tmp",
            SLIPWAY_ADDRESS: undefined,
            SLIPWAY_IDENTITY: "headers",
            SLIPWAY_KEY_ENV: "SLIPWAY_SESSION_KEY",
            SLIPWAY_SESSION_KEY: undefined,
            SLIPWAY_PEERS: "weather-peers-0a1b2c3d.tools.svc.cluster.local",
            SLIPWAY_REST: "false",
            SLIPWAY_PATH: "/mcp",
            SLIPWAY_SERVER: "weather",
            SLIPWAY_ALLOWED_HOSTS:
                "mcp.example.org,weather,weather.tools,weather.tools.svc,weather.tools.svc.cluster.local",
            SLIPWAY_ALLOWED_ORIGINS: "https://app.example.org",
            SLIPWAY_CALL_SECONDS: "90",
            SLIPWAY_GRACE_SECONDS: "90",
            SLIPWAY_MAX_CHILDREN: "6",
            SLIPWAY_CHILD_ENV: "LEVEL,API_KEY,JAVA_HOME",
            LEVEL: "info",
            API_KEY: undefined,
        });
    });

    it("names its Services in the domain of the cluster", async () => {
        const { env } = await containerOf({ ...bridged, clusterDomain: "k8s.example.org" });
        const valueOfVariable = (variable: string) =>
            env.find(({ name }: Json) => name === variable).value;
        assert.equal(
            valueOfVariable("SLIPWAY_PEERS"),
            "weather-peers-0a1b2c3d.tools.svc.k8s.example.org",
        );
        assert.match(
            valueOfVariable("SLIPWAY_ALLOWED_HOSTS"),
            /,weather\.tools\.svc,weather\.tools\.svc\.k8s\.example\.org$/,
        );
    });

    const pools = [
        { what: "the default limit", more: {}, most: "6" },
        {
            what: "a higher limit",
            more: { resources: { limits: { memory: "1Gi" } } },
            most: "14",
        },
        {
            what: "more memory than the bridge has processes",
            more: { resources: { limits: { memory: "8Gi" } } },
            most: "32",
        },
        {
            what: "small processes",
            more: { bridge: { ...bridged.bridge, processes: { mebibytes: 32 } } },
            most: "13",
        },
        { what: "one shared process", more: { isolation: "shared" as const }, most: undefined },
    ];
    for (const { what, more, most } of pools) {
        it(`allows ${most ?? "no"} processes with ${what}`, async () => {
            const { env } = await containerOf({ ...bridged, ...more });
            const found = env.find(({ name }: Json) => name === "SLIPWAY_MAX_CHILDREN");
            assert.equal(found?.value, most);
        });
    }

    it("passes the bridge settings on", async () => {
        const { env } = await containerOf({
            ...bridged,
            isolation: "principal",
            tools: {
                allow: ["get_*"],
                scopes: { get_tides: ["tides:read", "sea:read"], get_wind: ["wind:read"] },
                checkArguments: true,
            },
            bridge: {
                ...bridged.bridge,
                endpoint: {
                    resource: "https://mcp.example.org/weather/mcp",
                    scopes: ["mcp:weather"],
                },
                bodyMebibytes: 2,
                sessions: { idleSeconds: 60, lifetimeSeconds: 600, max: 5 },
                processes: { max: 4, warm: 0 },
                calls: { max: 20, maxPerCaller: 3 },
                serverLog: "redacted",
                rest: true,
            },
        });
        const values = Object.fromEntries(env.map(({ name, value }: Json) => [name, value]));
        const expected = {
            SLIPWAY_ISOLATION: "principal",
            SLIPWAY_TOOLS: "get_*",
            SLIPWAY_TOOL_SCOPES:
                "get_tides=mcp:weather tides:read sea:read,get_wind=mcp:weather wind:read",
            SLIPWAY_CHECK_ARGUMENTS: "true",
            SLIPWAY_AUDIENCE: "https://mcp.example.org/weather/mcp",
            SLIPWAY_MAX_BODY_BYTES: "2097152",
            SLIPWAY_SESSION_IDLE_SECONDS: "60",
            SLIPWAY_SESSION_SECONDS: "600",
            SLIPWAY_MAX_SESSIONS: "5",
            SLIPWAY_MAX_CHILDREN: "4",
            SLIPWAY_WARM_CHILDREN: "0",
            SLIPWAY_MAX_IN_FLIGHT: "20",
            SLIPWAY_MAX_IN_FLIGHT_PER_PRINCIPAL: "3",
            SLIPWAY_CHILD_LOG: "redacted",
            SLIPWAY_REST: "true",
        };
        assert.deepEqual({ ...values, ...expected }, values);
    });

    it("sets no variable that the bridge does not read", async () => {
        const settings = {
            sessions: { idleSeconds: 60, lifetimeSeconds: 600, max: 5 },
            processes: { max: 4, warm: 0 },
            calls: { max: 20, maxPerCaller: 3 },
            bodyMebibytes: 1,
            endpoint: { resource: "https://mcp.example.org/x/mcp", scopes: ["mcp:x"] },
        };
        const { env } = await containerOf({
            ...bridged,
            bridge: { ...bridged.bridge, ...settings },
            isolation: "session",
            tools: { allow: ["a"], scopes: { a: ["a:b"] }, checkArguments: false },
        });
        const known = Object.values(optionTable).map(({ variable }) => variable);
        // For the server itself.
        known.push("HOME");
        const { value: key } = env.find(({ name }: Json) => name === "SLIPWAY_KEY_ENV");
        const unknown = env.filter(({ name }: Json) => ![...known, key].includes(name));
        assert.deepEqual(unknown, []);
    });

    it("lets its pods, stopping ones included, find, trust and reach each other", async () => {
        const recording = await deploy(bridged);
        const { env } = only(recording, "Deployment").inputs.spec.template.spec.containers[0];
        assert.deepEqual(
            env.find(({ name }: Json) => name === "SLIPWAY_ADDRESS").valueFrom.fieldRef,
            { fieldPath: "status.podIP" },
        );
        const peers = only(recording, "Service", "weather-peers").inputs.spec;
        const { selector } = only(recording, "Deployment").inputs.spec;
        assert.deepEqual(peers.selector, selector.matchLabels);
        assert.deepEqual([peers.clusterIP, peers.publishNotReadyAddresses], ["None", true]);
        const { ingress, egress } = only(recording, "NetworkPolicy").inputs.spec;
        const own = { podSelector: selector };
        assert.deepEqual(ingress[0].from[1], own);
        assert.deepEqual(egress[1], { to: [own], ports: [{ protocol: "TCP", port: 8000 }] });

        assert.equal(only(recording, "RandomBytes").inputs.length, 32);
        const secret = only(recording, "Secret").inputs.stringData;
        assert.deepEqual(secret, { "session-key": "bytes of weather-session-key" });
    });

    it("has a session key of its own, in a variable that the server does not get", async () => {
        const recording = await recordResources(() => {
            for (const name of ["weather", "news"]) {
                new ServerDeployment(name, { ...args, ...bridged });
            }
        });
        for (const [name, other] of [
            ["weather", "news"],
            ["news", "weather"],
        ] as const) {
            const { template } = only(recording, "Deployment", `${name}-pods`).inputs.spec;
            const { env } = template.spec.containers[0];
            const find = (variable: string) => env.find((one: Json) => one.name === variable);
            const { secretKeyRef } = find("SLIPWAY_SESSION_KEY").valueFrom;
            assert.match(secretKeyRef.name, new RegExp(`^${name}-session-secret`));
            assert.equal(secretKeyRef.key, "session-key");
            assert.doesNotMatch(find("SLIPWAY_CHILD_ENV")?.value ?? "", /SESSION_KEY/);
            // The server has the bridge's user: what that may read, it may read.
            assert.doesNotMatch(JSON.stringify(template.spec.volumes), /session-secret/);
            assert.equal(template.spec.initContainers[0].command.at(-1), "--execute-only");
            assert.doesNotMatch(JSON.stringify(template), new RegExp(`${other}-session-secret`));
            const secret = only(recording, "Secret", `${name}-session-secret`).inputs.stringData;
            assert.deepEqual(secret, { "session-key": `bytes of ${name}-session-key` });
        }
    });

    it("has Prometheus annotations with a bridge only", async () => {
        const metadataOf = async (more: Partial<ServerDeploymentArgs>) =>
            only(await deploy(more), "Deployment").inputs.spec.template.metadata;
        assert.deepEqual((await metadataOf(bridged)).annotations, {
            "prometheus.io/scrape": "true",
            "prometheus.io/path": "/metrics",
            "prometheus.io/port": "8000",
        });
        assert.equal((await metadataOf({})).annotations, undefined);
    });

    it("probes the health checks of the bridge", async () => {
        const { readinessProbe, livenessProbe } = await containerOf(bridged);
        assert.deepEqual(
            [readinessProbe.httpGet.path, livenessProbe.httpGet.path],
            ["/readyz", "/livez"],
        );
    });
});
