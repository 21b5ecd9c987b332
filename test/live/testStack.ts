import { KubeConfig } from "@kubernetes/client-node";
import type { Stack, UpResult } from "@pulumi/pulumi/automation/index.js";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";

import { openStack, readOutputs } from "../../local/stack.ts";
import type { OpenedStack, StackOptions } from "../../local/stack.ts";
import { requestAccessToken } from "../../verify/accessToken.ts";
import { parseOutputs } from "../../verify/outputs.ts";
import type { StackOutputs } from "../../verify/outputs.ts";
import { trustCertificates } from "../../verify/verifyStack.ts";
import { writeConfiguration } from "../testRun/configuration.ts";
import { openNodePort } from "../testRun/nodePort.ts";
import { testRun } from "../testRun/testRun.ts";

/**
 * The stack of a test run: the dev stack's configuration with a namespace, a realm, a port, repositories and a server for
 * tests of its own, deployed once for all live suites.
 */
export interface TestStack extends OpenedStack {
    /** Where it is, for what reads its state. */
    target: StackOptions;
    /** Its namespace, and its realm. */
    name: string;
    outputs: StackOutputs;
    kubeConfig: KubeConfig;
    /** Deploys again, prints the engine's words when it fails, and keeps `outputs` current. */
    up: () => Promise<UpResult>;
    /** An access token of one of the stack's machine clients. */
    token: (client: string) => Promise<string>;
}

let opened: Promise<TestStack> | undefined;

/** The deployed stack of the run; the first caller deploys it. */
export function testStack(): Promise<TestStack> {
    opened ??= open();
    return opened;
}

/** Forgets the stack that a suite has destroyed, so that the next one deploys it anew. */
export async function closeTestStack(): Promise<void> {
    if (opened === undefined) return;
    const { close } = await opened;
    opened = undefined;
    await close();
}

/** The configuration of the test stack, as far as tests change it. */
export interface Configuration extends Record<string, unknown> {
    "slipway:gateway": Record<string, unknown>;
    "slipway:identity": Record<string, unknown> & { clients: object[] };
    "slipway:servers": object[];
}

/** Changes the configuration of an open stack; see `changeStackFile`. */
export function changeConfiguration(
    { name, workspace }: Stack,
    change: (configuration: Configuration) => void,
): Promise<Configuration> {
    return changeStackFile(workspace.workDir, name, change);
}

/** Changes the configuration file of a stack, because Pulumi's own command writes texts only. Gives what it was before. */
export async function changeStackFile(
    directory: string,
    stack: string,
    change: (configuration: Configuration) => void,
): Promise<Configuration> {
    const file = join(directory, `Pulumi.${stack}.yaml`);
    const content = parse(await readFile(file, "utf8")) as { config: Configuration };
    const before = structuredClone(content.config);
    change(content.config);
    await writeFile(file, stringify(content));
    return before;
}

function open(): Promise<TestStack> {
    const { name, directory } = testRun();
    return deployStack(name, directory, (at, stack, port) =>
        writeConfiguration(at, stack, { name, port, probed: true }),
    );
}

/** Deploys a stack whose configuration `configure` writes to a directory, for a free port. */
export async function deployStack(
    name: string,
    directory: string,
    configure: (directory: string, stack: string, port: number) => Promise<void>,
): Promise<TestStack> {
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromDefault();
    const target = {
        name: "test",
        environment: {},
        stateDirectory: join(directory, "stack"),
        configurationDirectory: join(directory, "configuration"),
    };
    await mkdir(target.configurationDirectory, { recursive: true });
    const port = await openNodePort(kubeConfig, testRun().name);
    await configure(target.configurationDirectory, target.name, port);
    const { stack, close } = await openStack(target);
    const up = async () => {
        const printed: string[] = [];
        try {
            const result = await stack.up({ onOutput: (text) => void printed.push(text) });
            own.outputs = parseOutputs(await readOutputs(stack));
            trustCertificates(own.outputs.caCertificates);
            return result;
        } catch (error) {
            console.error(printed.join(""));
            throw error;
        }
    };
    const token = (client: string) => requestAccessToken(own.outputs, client);
    const outputs = {} as StackOutputs;
    const own: TestStack = { target, name, stack, close, kubeConfig, up, token, outputs };
    await up();
    return own;
}
