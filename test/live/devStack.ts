import { KubeConfig } from "@kubernetes/client-node";
import type { UpResult } from "@pulumi/pulumi/automation/index.js";

import { devStateDirectory } from "../../local/paths.ts";
import { openStack, readOutputs } from "../../local/stack.ts";
import type { OpenedStack } from "../../local/stack.ts";
import { requestAccessToken } from "../../verify/accessToken.ts";
import { parseOutputs } from "../../verify/outputs.ts";
import type { StackOutputs } from "../../verify/outputs.ts";
import { trustCertificates } from "../../verify/verifyStack.ts";

/** The dev stack on the embedded platform, deployed once for all live suites of a run. */
export interface DevStack extends OpenedStack {
    outputs: StackOutputs;
    kubeConfig: KubeConfig;
    /** Deploys again, prints the engine's words when it fails, and keeps `outputs` current. */
    up: () => Promise<UpResult>;
    /** An access token of one of the stack's machine clients. */
    token: (client: string) => Promise<string>;
}

let opened: Promise<DevStack> | undefined;

/** The deployed dev stack; the first caller deploys it. */
export function devStack(): Promise<DevStack> {
    opened ??= open();
    return opened;
}

/** Forgets the stack that a suite has destroyed, so that the next one deploys it anew. */
export async function closeDevStack(): Promise<void> {
    if (opened === undefined) return;
    const { close } = await opened;
    opened = undefined;
    await close();
}

async function open(): Promise<DevStack> {
    const target = { name: "dev", environment: {}, stateDirectory: devStateDirectory() };
    const { stack, close } = await openStack(target);
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromDefault();
    const up = async () => {
        const printed: string[] = [];
        try {
            const result = await stack.up({ onOutput: (text) => void printed.push(text) });
            dev.outputs = parseOutputs(await readOutputs(stack));
            trustCertificates(dev.outputs.caCertificates);
            return result;
        } catch (error) {
            console.error(printed.join(""));
            throw error;
        }
    };
    const token = (client: string) => requestAccessToken(dev.outputs, client);
    const dev: DevStack = { stack, close, kubeConfig, up, token, outputs: {} as StackOutputs };
    await up();
    return dev;
}
