import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";

import { type FakeKubernetes, startFakeKubernetes } from "../support/fakeKubernetes.ts";
import { openProviderStack, type ProviderStack } from "./providerStack.ts";

/** A stack driven by the real engine, whose cluster is an API server that only stores what is applied. */
export interface FakeStack {
    kubernetes: FakeKubernetes;
    opened: ProviderStack;
    close(): Promise<void>;
}

/** Starts the API server and opens an empty stack that is configured for it. */
export async function openFakeStack(): Promise<FakeStack> {
    const kubernetes = await startFakeKubernetes();
    const opened = await openProviderStack(["kubernetes"], { environment: {}, official: false });
    const kubeconfig = join(opened.directory, "kubeconfig");
    writeFileSync(kubeconfig, kubernetes.kubeconfig);
    const config = { "kubernetes:kubeconfig": kubeconfig };
    writeFileSync(join(opened.directory, "Pulumi.contract.yaml"), stringify({ config }));
    const close = async () => {
        await opened.close();
        await kubernetes.close();
    };
    return { kubernetes, opened, close };
}
