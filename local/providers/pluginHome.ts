import type { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { execFile } from "node:child_process";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

import type { InstallSite } from "./installSite.ts";
import { sdkVersion } from "./protocol/sdkVersion.ts";
import type { PackageName } from "./standIn.ts";

const run = promisify(execFile);

/** Whether to use the official plugin of a package, and the reason. */
export interface PluginChoice {
    official: boolean;
    reason: string;
}

/** The official plugins of this machine. */
export interface PluginHome {
    /** Chooses the official plugin when it is installed or can be, else the stand-in. */
    choose(name: PackageName, site: InstallSite): Promise<PluginChoice>;
}

/** Reads the plugins installed in the engine's home (PULUMI_HOME). */
export async function pluginHome(
    { command }: PulumiCommand,
    environment: Record<string, string>,
): Promise<PluginHome> {
    const env: NodeJS.ProcessEnv = {
        ...process.env,
        PULUMI_SKIP_UPDATE_CHECK: "true",
        ...environment,
    };
    const { stdout } = await run(command, ["plugin", "ls", "--json"], { env });
    const installed = (JSON.parse(stdout) ?? []) as { name: string; version?: string }[];
    const choose = async (name: PackageName, site: InstallSite): Promise<PluginChoice> => {
        const version = await sdkVersion(name);
        if (installed.some((plugin) => plugin.name === name && plugin.version === version))
            return { official: true, reason: `official plugin ${version}, installed` };
        if (await isOnPath(`pulumi-resource-${name}`, env.PATH))
            return { official: true, reason: "official plugin, found on PATH" };
        const problem = await site.problem();
        if (problem !== undefined)
            return standIn(`the official plugin ${version} is not installed and ${problem}`);
        try {
            await run(command, ["plugin", "install", "resource", name, version], { env });
            return { official: true, reason: `official plugin ${version}, installed just now` };
        } catch (error) {
            return standIn(`installing the official plugin ${version} failed: ${lastLine(error)}`);
        }
    };
    return { choose };
}

function standIn(reason: string): PluginChoice {
    return { official: false, reason: `stand-in; ${reason}` };
}

async function isOnPath(program: string, path = ""): Promise<boolean> {
    for (const directory of path.split(delimiter).filter((entry) => entry !== "")) {
        const found = await access(join(directory, program)).then(
            () => true,
            () => false,
        );
        if (found) return true;
    }
    return false;
}

function lastLine(error: unknown): string {
    const { stderr } = error as { stderr?: string };
    const text = stderr ?? String(error);
    return text.trim().split("\n").at(-1) ?? text;
}
