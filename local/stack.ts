import { LocalWorkspace, Stack, StackNotFoundError } from "@pulumi/pulumi/automation/index.js";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { setFlagsFromString } from "node:v8";

import { takeLock } from "./cluster/lock.ts";
import { describeAbsent } from "./commands.ts";
import { completeConfig } from "./embedded/embeddedConfig.ts";
import { openEngine, tellFailures } from "./engine.ts";
import type { Engine } from "./engine.ts";
import { withInterrupts } from "./engineCommand.ts";
import { clearPendingOperations, endLeftEngines, removeBrokenDescriptions } from "./interrupted.ts";
import { openLocalBackend } from "./localBackend.ts";
import type { LocalBackend } from "./localBackend.ts";
import { stackLock } from "./paths.ts";
import { dropPromiseTraces } from "./promiseTraces.ts";

/** Root directory of the checkout. */
export const projectRoot = fileURLToPath(new URL("..", import.meta.url));

/** A stack and its engine. */
export interface OpenedStack {
    stack: Stack;
    /** Stops the engine's providers. The stack is not changed. */
    close: () => Promise<void>;
}

export interface StackOptions {
    /** Name of the stack, as in `Pulumi.<name>.yaml`. */
    name: string;
    /** Environment of the engine and its providers: KUBECONFIG, DOCKER_HOST, KEYCLOAK_…. */
    environment: Record<string, string>;
    /**
     * Directory for the state, instead of the backend the caller is logged in to.
     *
     * @default the caller's own backend (`pulumi login`, PULUMI_BACKEND_URL)
     */
    stateDirectory?: string;
    /**
     * Completes the configuration for the embedded platform, with this port of the gateway.
     *
     * @default the configuration is taken as it is
     */
    embedded?: { port?: number };
    /**
     * Directory with `Pulumi.yaml` and the stack's configuration, for a stack whose state is in `stateDirectory`.
     *
     * @default the checkout
     */
    configurationDirectory?: string;
    /**
     * Directory with the program, which this process must run in.
     *
     * @default the checkout
     */
    programDirectory?: string;
}

/**
 * Opens a stack of this project with the program inline; creates the stack when it does not exist.
 *
 * A stack with a local backend is locked until it is closed: a second run prints that it waits.
 */
export async function openStack(options: StackOptions): Promise<OpenedStack> {
    const { name, stateDirectory } = options;
    const release =
        stateDirectory === undefined
            ? () => Promise.resolve()
            : await takeLock(stackLock(stateDirectory), `stack '${name}'`);
    try {
        const prepared = await prepare(options);
        // The program runs in this process and reads the variables that a child of the engine would inherit.
        Object.assign(process.env, options.environment);
        const engine = await openEngine(prepared.environment);
        try {
            const workspace = await openWorkspace(prepared, engine, options.programDirectory);
            if (stateDirectory !== undefined) {
                await endLeftEngines(stateDirectory);
                removeBrokenDescriptions(stateDirectory);
            }
            const stack = await Stack.createOrSelect(name, workspace);
            // We hold the stack's lock, so a lock of the engine itself is left from an update that was killed.
            if (stateDirectory !== undefined) await stack.cancel();
            await clearPendingOperations(stack);
            tellFailures(stack, engine);
            return { stack, close: () => engine.close().finally(release) };
        } catch (error) {
            await engine.close().catch(() => undefined);
            throw error;
        }
    } catch (error) {
        await release();
        throw error;
    }
}

/**
 * Reads the outputs of an existing stack; starts nothing but the engine.
 *
 * Secret outputs read `[secret]` unless `showSecrets`.
 */
export async function readStackOutputs(
    options: StackOptions,
    showSecrets: boolean,
): Promise<Record<string, unknown>> {
    const prepared = await prepare(options);
    const engine = await openEngine(prepared.environment, { packages: [], print: () => undefined });
    const workspace = await openWorkspace(prepared, engine);
    const stack = await Stack.select(options.name, workspace).catch((error: unknown) => {
        if (!(error instanceof StackNotFoundError)) throw error;
        throw new Error(describeAbsent({ stack: options.name }), { cause: error });
    });
    return readOutputs(stack, showSecrets);
}

/** Opens the configuration of a stack for the engine's own commands; creates a stack with a local backend. */
export async function openConfiguration(options: StackOptions): Promise<{
    directory: string;
    environment: Record<string, string>;
    /** Path of the engine's program. */
    command: string;
}> {
    const prepared = await prepare(options);
    const engine = await openEngine(prepared.environment, { packages: [], print: () => undefined });
    const workspace = await openWorkspace(prepared, engine);
    const open = options.stateDirectory === undefined ? "select" : "createOrSelect";
    await Stack[open](options.name, workspace);
    return {
        directory: prepared.projectDirectory,
        environment: { PULUMI_SKIP_UPDATE_CHECK: "true", ...prepared.environment },
        command: engine.pulumiCommand.command,
    };
}

/** The outputs of a stack as plain values. */
export async function readOutputs(
    stack: Stack,
    showSecrets = true,
): Promise<Record<string, unknown>> {
    const outputs = await stack.outputs();
    const read = Object.entries(outputs).map(([name, { value, secret }]) => [
        name,
        secret && !showSecrets ? "[secret]" : (value as unknown),
    ]);
    return Object.fromEntries(read) as Record<string, unknown>;
}

async function prepare(options: StackOptions): Promise<LocalBackend> {
    const { name, environment, stateDirectory, programDirectory = projectRoot } = options;
    const { embedded } = options;
    const { configurationDirectory = programDirectory } = options;
    if (stateDirectory === undefined) return { projectDirectory: programDirectory, environment };
    const backend = await openLocalBackend(
        configurationDirectory,
        name,
        stateDirectory,
        programDirectory,
        embedded && ((config) => completeConfig(name, config, embedded.port)),
    );
    return { ...backend, environment: { ...environment, ...backend.environment } };
}

function openWorkspace(
    { projectDirectory, environment }: LocalBackend,
    engine: Engine,
    programDirectory = projectRoot,
): Promise<LocalWorkspace> {
    return LocalWorkspace.create({
        workDir: projectDirectory,
        pulumiCommand: withInterrupts(engine.pulumiCommand),
        program: () => runProgram(programDirectory, projectDirectory),
        envVars: { PULUMI_SKIP_UPDATE_CHECK: "true", ...environment, ...engine.environment },
    });
}

let runs = 0;

/** Evaluates index.ts again: the engine may run the program several times in one process, and modules are cached. */
async function runProgram(
    directory: string,
    configurationDirectory: string,
): Promise<Record<string, unknown>> {
    runs += 1;
    dropPromiseTraces();
    // The program's objects live until it ends. By default V8 lets the heap grow to twice what is alive before it collects:
    // 2,810 MB at the peak for 1,000 servers, 2,060 with this (bench/results/platform.json, `rssMb1000`).
    setFlagsFromString("--heap-growing-percent=30");
    // The program reads the stack's file to find secret values.
    process.env["SLIPWAY_CONFIGURATION"] = configurationDirectory;
    const program = `${pathToFileURL(join(directory, "index.ts")).href}?run=${runs}`;
    return { ...((await import(program)) as Record<string, unknown>) };
}
