import type { EngineEvent, PulumiCommand, Stack } from "@pulumi/pulumi/automation/index.js";

import { findPulumi } from "./providers/findPulumi.ts";
import { installSite } from "./providers/installSite.ts";
import { pluginHome } from "./providers/pluginHome.ts";
import { packages, startStandIn } from "./providers/standIn.ts";
import type { PackageName, StandIn } from "./providers/standIn.ts";

export { type PackageName, packages };

/** The Pulumi engine, and one provider for each package the program uses. */
export interface Engine {
    pulumiCommand: PulumiCommand;
    /** Environment variables by which the engine finds the providers. */
    environment: Record<string, string>;
    /** Notifies every stand-in that a resource of the running update failed; the engine does not notify providers. */
    noteFailure(): void;
    /** Stops every stand-in. They also stop when this process dies. */
    close(): Promise<void>;
}

export interface EngineOptions {
    /**
     * Packages to open.
     *
     * @default every package that has a stand-in
     */
    packages?: readonly PackageName[];
    /**
     * Whether official plugins may be used.
     *
     * @default true
     */
    official?: boolean;
    /**
     * Receives one line for each choice of engine and providers.
     *
     * @default prints the line
     */
    print?: (line: string) => void;
}

/**
 * Finds or builds the engine, and chooses the official plugin or the stand-in for each package. `environment` has the
 * variables by which providers reach the cluster, Docker and Keycloak; it overrides the environment of this process.
 */
export async function openEngine(
    environment: Record<string, string>,
    options: EngineOptions = {},
): Promise<Engine> {
    const print = options.print ?? ((line) => console.log(line));
    const site = installSite();
    const { pulumiCommand, reason } = await findPulumi(site);
    print(`engine: pulumi ${pulumiCommand.version?.version ?? "of unknown version"}, ${reason}`);

    const plugins = await pluginHome(pulumiCommand, environment);
    const attached = { ...process.env, ...environment }.PULUMI_DEBUG_PROVIDERS;
    const ports = attached === undefined || attached === "" ? [] : attached.split(",");
    const standIns: StandIn[] = [];
    const close = async (): Promise<void> => {
        await Promise.all(standIns.map((standIn) => standIn.close()));
    };
    try {
        for (const name of options.packages ?? packages) {
            if (ports.some((entry) => entry.startsWith(`${name}:`))) {
                print(`provider ${name}: already running, named by PULUMI_DEBUG_PROVIDERS`);
                continue;
            }
            const choice =
                options.official === false
                    ? { official: false, reason: "stand-in, as asked for" }
                    : await plugins.choose(name, site);
            print(`provider ${name}: ${choice.reason}`);
            if (choice.official) continue;
            const standIn = await startStandIn(name, environment);
            standIns.push(standIn);
            ports.push(`${name}:${standIn.port}`);
        }
    } catch (error) {
        await close();
        throw error;
    }
    const noteFailure = () => standIns.forEach((standIn) => standIn.noteFailure());
    return { pulumiCommand, environment: engineEnvironment(ports), noteFailure, close };
}

/** Notifies providers of a failed resource, so that they stop waiting for resources that will not be created. */
export function tellFailures(stack: Stack, engine: Engine): void {
    const up = stack.up.bind(stack);
    stack.up = (options) => {
        const onEvent = (event: EngineEvent) => {
            if (event.resOpFailedEvent !== undefined) engine.noteFailure();
            options?.onEvent?.(event);
        };
        return up({ ...options, onEvent });
    };
}

function engineEnvironment(ports: readonly string[]): Record<string, string> {
    if (ports.length === 0) return {};
    return {
        PULUMI_DEBUG_PROVIDERS: ports.join(","),
        // Without this, the engine looks on the network for the plugins that stand-ins replace, which costs seconds in
        // every operation.
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    };
}
