import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { rootCertificates } from "node:tls";
import KeycloakAdminClient from "@keycloak/keycloak-admin-client";

import { containerdSocket } from "../../local/cluster/addresses.ts";
import { ensureCredentials } from "../../local/cluster/credentials.ts";
import { ensureKubernetes } from "../../local/cluster/kubernetes.ts";
import type { Kubernetes } from "../../local/cluster/kubernetes.ts";
import { ensureNode } from "../../local/cluster/node.ts";
import { waitFor } from "../../local/cluster/run.ts";
import { ensureKeycloak } from "../../local/keycloak/keycloak.ts";
import type { Keycloak } from "../../local/keycloak/keycloak.ts";
import { checkAdministrator } from "../../local/keycloak/login.ts";
import { keycloakImage, podReference } from "../../local/mirror/baseImages.ts";
import { registryAddress } from "../../local/mirror/registry.ts";
import { RegistryClient } from "../../local/mirror/registryClient.ts";
import { trustCertificates } from "../../verify/verifyStack.ts";
import { testRun } from "../testRun/testRun.ts";

const realm = `${testRun().name}-keycloak`;
const pod = ["-n", "keycloak", "get", "pods", "-l", "app.kubernetes.io/name=keycloak"];

describe("Keycloak of the platform", function () {
    this.timeout(180_000);
    let kubernetes: Kubernetes;
    let keycloak: Keycloak;
    let authority: string;

    before(async () => {
        const credentials = await ensureCredentials();
        kubernetes = await ensureKubernetes(credentials.kubeConfigs.admin);
        authority = await readFile(credentials.authority.certificate, "utf8");
        const image = await podReference(keycloakImage, new RegistryClient(registryAddress));
        keycloak = await ensureKeycloak(kubernetes, credentials.authority, image);
        trustCertificates(authority);
    });

    after(async () => {
        await (await connect()).realms.del({ realm });
    });

    async function connect(): Promise<KeycloakAdminClient> {
        const client = new KeycloakAdminClient({ baseUrl: keycloak.url });
        const grant = { grantType: "password" as const, clientId: "admin-cli" };
        await client.auth({ ...grant, ...keycloak.administrator });
        return client;
    }

    /** Kills Keycloak's process, like a power cut, and waits for the next one. */
    async function kill(): Promise<void> {
        const jsonPath = "jsonpath={.items[0].status.containerStatuses[0].containerID}";
        const read = () => kubernetes.kubectl([...pod, "-o", jsonPath]);
        const id = await read();
        const task = ["-n", "k8s.io", "task", "kill", "--signal", "SIGKILL"];
        const node = await ensureNode();
        const container = id.replace("containerd://", "");
        await node.enter("ctr", ["--address", containerdSocket, ...task, container]);
        await waitFor("the next container", 60, async () => (await read()) !== id);
        await waitFor("its readiness", 120, async () => {
            await connect();
            return true;
        });
    }

    it("refuses a wrong password, and names the likely cause", async () => {
        const wrong = { username: "admin", password: "wrong" };
        await assert.rejects(
            checkAdministrator(keycloak.url, authority, wrong),
            /does not take the recorded password of 'admin'/,
        );
    });

    it("has a certificate that is trusted by the cluster's authority only", async () => {
        const [other = ""] = rootCertificates;
        await assert.rejects(
            checkAdministrator(keycloak.url, other, keycloak.administrator),
            /certificate/,
        );
    });

    it("has its public address as issuer for pods that use the Service's name", async () => {
        const script = [
            "import json, ssl, urllib.request",
            "context = ssl.create_default_context(cafile='/ca/ca.crt')",
            "url = 'https://keycloak.keycloak.svc.cluster.local:8443/realms/master/.well-known/openid-configuration'",
            "found = json.load(urllib.request.urlopen(url, context=context))",
            "print(found['issuer'], found['jwks_uri'])",
        ];
        const overrides = {
            spec: {
                automountServiceAccountToken: false,
                containers: [
                    {
                        name: "ask",
                        image: "python:3.13-slim-trixie",
                        command: ["python", "-c", script.join("\n")],
                        volumeMounts: [{ name: "ca", mountPath: "/ca" }],
                    },
                ],
                volumes: [{ name: "ca", configMap: { name: "kube-root-ca.crt" } }],
            },
        };
        const name = `slipway-test-issuer-${process.pid}`;
        const inDefault = (...args: string[]) => kubernetes.kubectl(["-n", "default", ...args]);
        const options = ["--image=unused", "--restart=Never"];
        await inDefault("run", name, ...options, `--overrides=${JSON.stringify(overrides)}`);
        // Not attached to: what a pod says before kubectl has attached is lost.
        const done = ["--for=jsonpath={.status.phase}=Succeeded", "--timeout=60s"];
        const output = await inDefault("wait", `pod/${name}`, ...done)
            .then(() => inDefault("logs", name))
            .finally(() => inDefault("delete", "pod", name, "--wait=false"));
        assert.equal(
            output.trim(),
            `${keycloak.url}/realms/master https://keycloak.keycloak.svc.cluster.local:8443/realms/master/protocol/openid-connect/certs`,
        );
    });

    it("keeps the last write when its process is killed", async () => {
        const client = await connect();
        await client.realms.create({ realm, enabled: true, displayName: "one" });
        await client.realms.update({ realm }, { displayName: "two" });
        await kill();
        assert.equal((await (await connect()).realms.findOne({ realm }))?.displayName, "two");
    });
});
