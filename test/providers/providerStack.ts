import * as automation from "@pulumi/pulumi/automation/index.js";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openEngine, tellFailures } from "../../local/engine.ts";
import type { PackageName } from "../../local/engine.ts";

/** A stack in its own directory, with the real engine. */
export interface ProviderStack {
    stack: automation.Stack;
    /** Directory of the stack's configuration and state. */
    directory: string;
    /** Sets the program of the next operation. */
    use(program: automation.PulumiFn): void;
    /** The state as it is stored, secrets encrypted. */
    readState(): Promise<string>;
    close(): Promise<void>;
}

export interface ProviderStackOptions {
    /** Variables by which providers reach their services. */
    environment: Record<string, string>;
    /** Whether the official plugins are used where they are installed. */
    official: boolean;
}

/** Variables of the caller that would select another backend, provider or passphrase. */
const callersVariables = {
    PULUMI_CONFIG_PASSPHRASE_FILE: "",
    PULUMI_DEBUG_PROVIDERS: "",
    PULUMI_STACK: "",
};

/** Opens an empty stack with providers for the packages, independent of the caller's own stacks. */
export async function openProviderStack(
    packages: readonly PackageName[],
    { environment, official }: ProviderStackOptions,
): Promise<ProviderStack> {
    const directory = await mkdtemp(join(tmpdir(), "slipway-providers-"));
    const own = { ...callersVariables, ...environment };
    const engine = await openEngine(own, {
        packages,
        official,
        print: () => undefined,
    });
    let program: automation.PulumiFn = () => Promise.resolve();
    const workspace = await automation.LocalWorkspace.create({
        workDir: directory,
        pulumiCommand: engine.pulumiCommand,
        projectSettings: {
            name: "contract",
            runtime: "nodejs",
            // The engine starts providers in the program's directory.
            main: process.cwd(),
        },
        program: () => program(),
        envVars: {
            ...own,
            ...engine.environment,
            // A variable of the caller would override the backend of the project file.
            PULUMI_BACKEND_URL: `file://${directory}`,
            PULUMI_CONFIG_PASSPHRASE: "not a secret: the stack holds test data",
            PULUMI_SKIP_UPDATE_CHECK: "true",
        },
    });
    const stack = await automation.Stack.create("contract", workspace);
    tellFailures(stack, engine);
    return {
        stack,
        directory,
        use: (next) => {
            program = next;
        },
        readState: () =>
            readFile(join(directory, ".pulumi", "stacks", "contract", "contract.json"), "utf8"),
        close: async () => {
            await engine.close();
            await rm(directory, { recursive: true });
        },
    };
}
