import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

import { completeConfig, findOwnParts } from "../../../local/embedded/embeddedConfig.ts";
import type { StackFile } from "../../../local/embedded/stackFile.ts";
import { projectRoot } from "../../../local/stack.ts";

const read = (file: string) => parse(readFileSync(join(projectRoot, file), "utf8")) as StackFile;

describe("findOwnParts", () => {
    it("finds none in the dev stack's file, and none in one with servers alone", () => {
        assert.deepEqual(findOwnParts(read("Pulumi.dev.yaml")), []);
        assert.deepEqual(findOwnParts({ config: { "slipway:servers": [] } }), []);
        assert.deepEqual(findOwnParts({ encryptionsalt: "v1:left" }), []);
    });

    it("finds registry, Keycloak and context of the stack for production", () => {
        assert.deepEqual(findOwnParts(read("Pulumi.prod.yaml.example")), [
            "registry.address 'ghcr.io/acme'",
            "identity.issuer 'https://auth.example.org/realms/mcp'",
            "identity.adminUrl 'https://auth.example.org'",
            "'slipway:context'",
        ]);
    });

    const own: [string, StackFile, string[]][] = [
        [
            "a registry as JSON",
            { config: { "slipway:registry": '{"address":"quay.io/a"}' } },
            ["registry.address 'quay.io/a'"],
        ],
        [
            "a registry at another port",
            { config: { "slipway:registry": { address: "localhost:305001" } } },
            ["registry.address 'localhost:305001'"],
        ],
        [
            "a kubeconfig",
            { config: { "kubernetes:kubeconfig": "/k" } },
            ["'kubernetes:kubeconfig'"],
        ],
        ["an environment of Pulumi Cloud", { environment: ["prod"] }, ["'environment'"]],
        ["a key management service", { secretsprovider: "awskms://k" }, ["'secretsprovider'"]],
    ];
    for (const [name, file, parts] of own) {
        it(`finds ${name}`, () => assert.deepEqual(findOwnParts(file), parts));
    }

    it("takes a path of the platform's registry for the platform's", () => {
        const config = { "slipway:registry": { address: "localhost:30500/team" } };
        assert.deepEqual(findOwnParts({ config }), []);
    });
});

describe("completeConfig", () => {
    it("changes nothing that the dev stack's file says", () => {
        const { config = {} } = read("Pulumi.dev.yaml");
        const completed = completeConfig("dev", config, 30443);
        assert.deepEqual(
            { ...completed, "slipway:gateway": undefined },
            { ...config, "slipway:gateway": undefined },
        );
        const gateway = completed["slipway:gateway"] as Record<string, unknown>;
        for (const [key, value] of Object.entries(config["slipway:gateway"] as object)) {
            assert.deepEqual(gateway[key], value, key);
        }
    });

    it("completes a file with servers alone, with a client that may call all their tools", () => {
        const servers = [
            { name: "notes", tools: { scopes: { write: ["notes:write"] } } },
            { name: "maps", mounts: [{ name: "roads" }] },
        ];
        const config = completeConfig("Mine_1", { "slipway:servers": servers }, 30445);
        assert.deepEqual(config, {
            "slipway:namespace": "mine-1",
            "slipway:protect": false,
            "slipway:servers": servers,
            "slipway:registry": { address: "localhost:30500" },
            "slipway:gateway": {
                kind: "nginx",
                host: "localhost",
                port: 30445,
                exposure: { nodePort: 30445 },
                tls: { selfSigned: true },
                replicas: 1,
                resources: { requests: { cpu: "20m" } },
                verifier: { replicas: 1, resources: { requests: { cpu: "20m" } } },
            },
            "slipway:identity": {
                issuer: "https://localhost:30444/realms/mine-1",
                adminUrl: "https://localhost:30444",
                realm: "mine-1",
                createRealm: true,
                jwksUri:
                    "https://keycloak.keycloak.svc.cluster.local:8443/realms/mine-1/protocol/openid-connect/certs",
                ca: { configMap: "kube-root-ca.crt", namespace: "default" },
                clients: [
                    { name: "agent", servers: ["notes", "maps", "roads"], scopes: ["notes:write"] },
                ],
            },
        });
    });

    it("uses the one port that is given for both keys", () => {
        for (const gateway of [{ port: 30700 }, { exposure: { nodePort: 30700 } }]) {
            const config = completeConfig("mine", { "slipway:gateway": gateway }, 30445);
            const { port, exposure } = config["slipway:gateway"] as Record<string, unknown>;
            assert.deepEqual([port, exposure], [30700, { nodePort: 30700 }]);
        }
    });

    it("follows the realm and the issuer that are given", () => {
        const issuer = "https://localhost:30444/realms/team";
        for (const identity of [{ realm: "team" }, { issuer }]) {
            const config = completeConfig("mine", { "slipway:identity": identity }, 30445);
            const completed = config["slipway:identity"] as Record<string, unknown>;
            assert.deepEqual([completed["realm"], completed["issuer"]], ["team", issuer]);
        }
    });

    it("leaves what is invalid to the program, and another gateway as it is", () => {
        const config = { "slipway:registry": "quay", "slipway:gateway": { kind: "apisix" } };
        const completed = completeConfig("mine", config, 30445);
        assert.equal(completed["slipway:registry"], "quay");
        assert.deepEqual(completed["slipway:gateway"], { kind: "apisix" });
    });
});
