import { execFile } from "node:child_process";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { projectRoot, type StackOptions } from "../stack.ts";
import type { PreviewStep } from "./steps.ts";

const run = promisify(execFile);

/** Commit at which the checked-out branch has left `base`. Throws when there is no such branch. */
export async function findForkPoint(base: string, directory = projectRoot): Promise<string> {
    try {
        const { stdout } = await run("git", ["merge-base", base, "HEAD"], { cwd: directory });
        return stdout.trim();
    } catch (error) {
        throw new Error(
            `--base: must be a branch or commit of this repository, got '${base}'; 'git fetch origin ${base}' fetches one`,
            { cause: error },
        );
    }
}

/** The steps of another commit's program and configuration against the same state, previewed in a checkout of it. */
export async function listBaseSteps(
    commit: string,
    options: StackOptions,
    directory = projectRoot,
): Promise<PreviewStep[]> {
    const parent = await mkdtemp(join(tmpdir(), "slipway-base-"));
    const checkout = join(parent, "checkout");
    const git = (...args: string[]) => run("git", args, { cwd: directory });
    try {
        await git("worktree", "add", "--quiet", "--detach", checkout, commit);
        await symlink(join(projectRoot, "node_modules"), join(checkout, "node_modules"));
        return await previewCheckout(checkout, options);
    } finally {
        await git("worktree", "remove", "--force", checkout).catch(() => undefined);
        await rm(parent, { recursive: true, force: true });
    }
}

/** Previews in a process of its own: paths of a program are relative to the directory in which it runs. */
export async function previewCheckout(
    checkout: string,
    options: StackOptions,
): Promise<PreviewStep[]> {
    const given = JSON.stringify({
        configurationDirectory: checkout,
        ...options,
        programDirectory: checkout,
    });
    try {
        const program = join(import.meta.dirname, "printSteps.ts");
        const { stdout } = await run(process.execPath, [program, given], {
            cwd: checkout,
            env: { ...process.env, ...options.environment },
            maxBuffer: 256 << 20,
        });
        return JSON.parse(stdout.slice(stdout.lastIndexOf("\n[") + 1)) as PreviewStep[];
    } catch (error) {
        const { stderr } = error as { stderr?: string };
        throw new Error(`preview of the base: ${stderr?.trim() || (error as Error).message}`, {
            cause: error,
        });
    }
}
