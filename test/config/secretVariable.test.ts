import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";

import { McpServer } from "../../components/index.ts";
import { readStackConfig } from "../../config/stackConfig.ts";
import { openProviderStack, type ProviderStack } from "../providers/providerStack.ts";
import { type FakeKubernetes, startFakeKubernetes } from "../support/fakeKubernetes.ts";

const secret = "very-secret-value-of-the-key";
const config = {
    "contract:namespace": "tools",
    "contract:registry": { address: "registry.example.org" },
    "contract:gateway": {
        kind: "nginx",
        host: "mcp.example.org",
        tls: { secretName: "tls" },
        exposure: { loadBalancer: true },
    },
    "contract:identity": { issuer: "https://auth.example.org/realms/tools", realm: "tools" },
    "contract:servers": [
        {
            name: "weather",
            source: { image: "registry.example.org/weather:1.0.0" },
            env: { UNITS: "metric" },
        },
    ],
};

describe("pulumi config set --secret --path 'servers[0].env.API_KEY'", function () {
    this.timeout(120_000);
    let kubernetes: FakeKubernetes;
    let opened: ProviderStack;
    let printed = "";

    before(async () => {
        kubernetes = await startFakeKubernetes();
        opened = await openProviderStack(["kubernetes"], { environment: {}, official: false });
        const { stack, directory } = opened;
        const kubeconfig = join(directory, "kubeconfig");
        writeFileSync(kubeconfig, kubernetes.kubeconfig);
        const settings = { ...config, "kubernetes:kubeconfig": kubeconfig };
        writeFileSync(join(directory, "Pulumi.contract.yaml"), stringify({ config: settings }));
        await stack.setConfig("servers[0].env.API_KEY", { value: secret, secret: true }, true);
        opened.use(() => {
            const { servers, gateway } = readStackConfig(undefined, undefined, {}, directory);
            for (const { source, ...server } of servers) {
                new McpServer(server.name, {
                    ...server,
                    image: "image" in source ? source.image : "",
                    namespace: "tools",
                    address: gateway.address,
                    gatewayPods: {},
                });
            }
            return Promise.resolve({});
        });
        const onOutput = (text: string) => (printed += text);
        await stack.preview({ onOutput, diff: true, logToStdErr: true });
        await stack.up({ onOutput, diff: true, logToStdErr: true });
        await stack.refresh({ onOutput });
    });

    after(async () => {
        await opened.stack.destroy();
        await opened.close();
        await kubernetes.close();
    });

    it("gives the variable to the pod through a Secret", () => {
        const secrets = kubernetes.applied.filter(({ kind }) => kind === "Secret");
        const encoded = Buffer.from(secret).toString("base64");
        assert.deepEqual(secrets.at(-1)?.["data"], { API_KEY: encoded });
        const deployment = kubernetes.applied.findLast(({ kind }) => kind === "Deployment");
        const { env } = (
            deployment?.["spec"] as { template: { spec: { containers: { env: unknown[] }[] } } }
        ).template.spec.containers[0]!;
        assert.deepEqual(env, [
            { name: "PORT", value: "8000" },
            { name: "HOME", value: "/tmp" },
            { name: "UNITS", value: "metric" },
            {
                name: "API_KEY",
                valueFrom: {
                    secretKeyRef: {
                        name: secrets.at(-1)?.metadata["name"],
                        key: "API_KEY",
                    },
                },
            },
        ]);
    });

    const forms = [secret, Buffer.from(secret).toString("base64")];

    it("puts the value into no other manifest", () => {
        const others = kubernetes.applied.filter(({ kind }) => kind !== "Secret");
        assert.ok(others.length > 5);
        for (const form of forms) assert.ok(!JSON.stringify(others).includes(form));
    });

    it("shows the value in no preview, diff or log", () => {
        assert.match(printed, /weather-secrets/);
        for (const form of forms) assert.ok(!printed.includes(form));
    });

    it("keeps the value out of the state, its history and its backups", () => {
        const entries = readdirSync(opened.directory, { recursive: true, withFileTypes: true });
        const files = entries.filter((entry) => entry.isFile());
        const texts = files.map(({ parentPath, name }) =>
            readFileSync(join(parentPath, name), "utf8"),
        );
        assert.ok(texts.join("").includes("weather-secrets"), "the state was read");
        for (const form of forms) assert.ok(!texts.join("").includes(form));
    });
});
