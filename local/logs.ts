import { ApiException, CoreV1Api, Log, type V1Pod } from "@kubernetes/client-node";
import { existsSync } from "node:fs";

import { readArguments } from "./arguments.ts";
import { describeAbsent } from "./commands.ts";
import { openCluster } from "./doctor/patient.ts";
import { embeddedStateDirectory } from "./paths.ts";
import { runScript } from "./script.ts";
import { isEmbedded, readConfiguration, targetOptions, targetUsage } from "./target.ts";

await runScript(async () => {
    const { values, positionals } = readArguments(
        `npm run logs -- SERVER [--follow] [--previous] [--lines N] ${targetUsage}`,
        {
            ...targetOptions,
            follow: { type: "boolean", default: false },
            previous: { type: "boolean", default: false },
            lines: { type: "string", default: "100" },
        },
        { min: 1, max: 1 },
    );
    const { follow, previous, lines } = values;
    if (!/^\d+$/.test(lines)) throw new Error(`--lines: must be a number, got '${lines}'`);
    const [server = ""] = positionals;
    if (isEmbedded(values) && !existsSync(embeddedStateDirectory(values.stack))) {
        throw new Error(describeAbsent(values));
    }
    const { kube } = openCluster(values);
    const namespace = String(readConfiguration(values)["slipway:namespace"]);
    const label = "app.kubernetes.io/name";
    const core = kube.makeApiClient(CoreV1Api);
    const { items } = await core.listNamespacedPod({ namespace, labelSelector: label });
    const pods = items.filter(({ metadata }) => metadata?.labels?.[label] === server);
    if (pods.length === 0) {
        const known = new Set(items.map(({ metadata }) => metadata?.labels?.[label] ?? ""));
        const names = [...known].map((name) => `'${name}'`).join(", ");
        throw new Error(`server: must be one of ${names || "none"}, got '${server}'`);
    }
    const tailLines = Number(lines);
    for (const { pod, container } of pods.flatMap(listContainers)) {
        console.error(`--- pod '${pod}', container '${container}'`);
        const place = { namespace, name: pod, container, previous, tailLines };
        const read = follow
            ? new Log(kube).log(namespace, pod, container, process.stdout, { follow, tailLines })
            : core.readNamespacedPodLog(place).then((text) => process.stdout.write(text));
        await read.catch(tellNoLog);
    }
});

/** A container that waits, or did not run before, has no log. */
function tellNoLog(error: unknown): void {
    if (!(error instanceof ApiException) || error.code !== 400) throw error;
    const { message } = JSON.parse(String(error.body)) as { message: string };
    console.error(message);
}

/** Containers of a pod in the order in which they start. */
function listContainers({ metadata, spec }: V1Pod): { pod: string; container: string }[] {
    const pod = metadata?.name ?? "";
    const all = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
    return all.map(({ name }) => ({ pod, container: name }));
}
