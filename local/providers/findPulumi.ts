import { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { buildTool } from "../toolchain/buildTool.ts";
import type { InstallSite } from "./installSite.ts";

/** The engine, and the reason for the choice. */
export interface FoundPulumi {
    pulumiCommand: PulumiCommand;
    reason: string;
}

/** The `pulumi` on PATH, else the official download, else one built from its Go module. */
export async function findPulumi(site: InstallSite): Promise<FoundPulumi> {
    let missing: string;
    try {
        return { pulumiCommand: await PulumiCommand.get(), reason: "found on PATH" };
    } catch (error) {
        missing = missingText(error);
    }
    const problem = await site.problem();
    if (problem === undefined) {
        const pulumiCommand = await PulumiCommand.install();
        return { pulumiCommand, reason: `${missing}; downloaded into ${pulumiCommand.command}` };
    }
    const binary = await buildTool("pulumi");
    const pulumiCommand = await commandOf(binary);
    return { pulumiCommand, reason: `${missing} and ${problem}; built from its Go module` };
}

function missingText(error: unknown): string {
    const text = String(error);
    return /ENOENT|not found/.test(text)
        ? "none on PATH"
        : `the one on PATH cannot be used (${text.replaceAll(/\s+/g, " ").trim()})`;
}

/** The SDK takes a directory that contains `bin/pulumi`, so one is made with a link to the binary. */
async function commandOf(binary: string): Promise<PulumiCommand> {
    const root = await mkdtemp(join(tmpdir(), "slipway-engine-"));
    try {
        await mkdir(join(root, "bin"));
        await symlink(binary, join(root, "bin", "pulumi"));
        return Object.assign(await PulumiCommand.get({ root }), { command: binary });
    } finally {
        await rm(root, { recursive: true });
    }
}
