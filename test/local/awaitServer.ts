// Runs on a test machine whose platform is up: creates a Deployment of the pod given as JSON, waits for it as the
// stand-in for kubernetes does, prints the messages and problems as JSON, and deletes the Deployment.
import { join } from "node:path";

import { Cluster } from "../../local/providers/kubernetes/cluster.ts";
import { deleteObject } from "../../local/providers/kubernetes/deleteObject.ts";
import { applyObject } from "../../local/providers/kubernetes/objects.ts";
import { awaitReady } from "../../local/providers/kubernetes/ready/awaitReady.ts";
import type { Values } from "../../local/providers/protocol/values.ts";
import { paths } from "../../local/paths.ts";

const [podText = "{}", seconds = "60"] = process.argv.slice(2);
const kind = { apiVersion: "apps/v1", kind: "Deployment" };
const labels = { app: "awaited" };
const manifest = {
    ...kind,
    metadata: { name: "awaited", namespace: "default" },
    spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: JSON.parse(podText) as Values },
    },
};
const cluster = new Cluster({ kubeconfig: join(paths.platform, "kubeconfigs/admin") });
const { signal } = new AbortController();
const told: string[] = [];
const operation = {
    urn: "",
    name: "awaited",
    type: "kubernetes:apps/v1:Deployment",
    log: {
        progress: () => undefined,
        info: (line: string) => void told.push(line),
        warning: () => undefined,
    },
    signal,
    othersFailed: signal,
    timeoutSeconds: Number(seconds),
};
const options = { fieldManager: "test", dryRun: false, force: true, signal };
const object = await applyObject(cluster, kind, manifest, options);
const started = Date.now();
const { problems } = await awaitReady(cluster, kind, object, operation);
console.log(JSON.stringify({ problems, told, seconds: (Date.now() - started) / 1000 }));
await deleteObject(cluster, kind, { ...operation, inputs: manifest, outputs: object });
