import { KubeConfig } from "@kubernetes/client-node";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import * as z from "zod";

import { parseOutputs, type StackOutputs } from "../../verify/outputs.ts";
import { trustCertificates } from "../../verify/verifyStack.ts";
import { describeCommand, type Target } from "../commands.ts";
import { embeddedStateDirectory, paths } from "../paths.ts";
import { readStackOutputs } from "../stack.ts";
import { isEmbedded, locateTarget, readConfiguration } from "../target.ts";

/** What of a stack's configuration the examination needs. */
const settings = z.object({
    "slipway:namespace": z.string(),
    "slipway:registry": z.object({ address: z.string() }),
    "slipway:gateway": z.object({ host: z.string(), port: z.int().default(443) }),
    "slipway:identity": z.object({ issuer: z.string(), realm: z.string() }),
    "slipway:servers": z.array(z.object({ name: z.string() })).default([]),
});

/** A first word that stands for the error of something that cannot be read at all. */
export type Unread = { error: string };

/** A stack and the access to everything that it consists of. */
export interface Patient {
    /** Name of the stack. */
    stack: string;
    namespace: string;
    registry: string;
    gateway: { host: string; port: number };
    identity: { issuer: string; realm: string };
    /** Servers with pods of their own: not those that are mounted in another one's process. */
    servers: string[];
    kube: KubeConfig;
    /** What the stack gave; the error where nothing is deployed. */
    outputs: StackOutputs | Unread;
    /** Commands that repair, for this stack and cluster. */
    commands: Commands;
}

/** Commands as the reader types them. */
export interface Commands {
    /** Deploys again what the configuration says, also what was changed or removed by hand. */
    restore: string;
    /** Deploys after a change of the configuration. */
    deploy: string;
    /** `kubectl` of the stack's namespace. */
    kubectl: string;
}

/** Opens a stack for the examination; reads, but starts and changes nothing. */
export async function openPatient(target: Target): Promise<Patient> {
    const { kube, kubectl } = openCluster(target);
    const outputs = await readStackOutputs(locateTarget(target), true).then(
        parseOutputs,
        (error: unknown) => ({ error: (error as Error).message }),
    );
    const text = stringify({ config: readConfiguration(target) });
    return describePatient(text, { target, outputs, kube, kubectl });
}

/** A patient from the text of its stack's file. */
export function describePatient(
    text: string,
    {
        target,
        outputs,
        kube,
        kubectl,
    }: Pick<Patient, "outputs" | "kube"> & { target: Target; kubectl: string },
): Patient {
    const config = settings.parse((parse(text) as { config?: unknown }).config);
    const namespace = config["slipway:namespace"];
    if (!("error" in outputs)) trustCertificates(outputs.caCertificates);
    return {
        stack: target.stack,
        namespace,
        registry: config["slipway:registry"].address,
        gateway: config["slipway:gateway"],
        identity: config["slipway:identity"],
        servers: config["slipway:servers"].map(({ name }) => name),
        kube,
        outputs,
        commands: {
            deploy: describeCommand("up", target),
            restore: describeCommand("up", target, "--refresh"),
            kubectl: `${kubectl} -n ${namespace}`,
        },
    };
}

/** The outputs of a deployed stack: the check of the cluster has refused others. */
export function given({ outputs }: Patient): StackOutputs {
    if ("error" in outputs) throw new Error(outputs.error);
    return outputs;
}

/** The cluster of a target: a context of the caller's, that of the embedded platform, or the caller's current one. */
export function openCluster({ stack, context }: Target): { kube: KubeConfig; kubectl: string } {
    const kube = new KubeConfig();
    if (context !== undefined) {
        kube.loadFromDefault();
        kube.setCurrentContext(context);
        return { kube, kubectl: `kubectl --context ${context}` };
    }
    const file = join(paths.platform, "kubeconfigs", "admin");
    if (isEmbedded({ stack }) && existsSync(embeddedStateDirectory(stack)) && existsSync(file)) {
        kube.loadFromFile(file);
        return { kube, kubectl: `${join(paths.platform, "bin/kubectl")} --kubeconfig ${file}` };
    }
    kube.loadFromDefault();
    return { kube, kubectl: "kubectl" };
}
