import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";

/** Where a stack that lives on this machine keeps its state, and the environment that makes the engine use it. */
export interface LocalBackend {
    /** Directory with Pulumi.yaml and the stack's configuration: copies, so that the checkout stays as committed. */
    projectDirectory: string;
    /** PULUMI_BACKEND_URL and a passphrase made for this state alone, unless the committed secrets have one already. */
    environment: Record<string, string>;
}

/**
 * Prepares a file backend below `directory` for a stack whose configuration is in `root` and whose program is in `program`.
 *
 * The configuration is copied anew each time. What the engine adds to it, the salt of its passphrase, stays in the
 * copy: a salt in the committed file would belong to one machine only.
 */
export async function openLocalBackend(
    root: string,
    stackName: string,
    directory: string,
    program = root,
): Promise<LocalBackend> {
    const projectDirectory = join(directory, "project");
    const backend = join(directory, "state");
    for (const path of [directory, projectDirectory, backend]) {
        await mkdir(path, { recursive: true, mode: 0o700 });
    }
    const project = parse(await readFile(join(root, "Pulumi.yaml"), "utf8")) as object;
    // The engine starts providers in the directory of the program, to which paths of images are relative.
    const copy = stringify({ ...project, main: program });
    await writeFile(join(projectDirectory, "Pulumi.yaml"), copy);
    const fileName = `Pulumi.${stackName}.yaml`;
    const config = await copyStackConfig(join(root, fileName), join(projectDirectory, fileName));
    const environment: Record<string, string> = { PULUMI_BACKEND_URL: `file://${backend}` };
    // Secrets in the committed file are the caller's, and so is the passphrase; else it belongs to the state alone.
    if (config.encryptionsalt === undefined) {
        environment["PULUMI_CONFIG_PASSPHRASE"] = await readOrMakePassphrase(directory);
    }
    return { projectDirectory, environment };
}

type StackFile = { encryptionsalt?: string; config?: Record<string, unknown> };

/** Copies the configuration, keeping the copy's own salt, and gives it as committed. */
async function copyStackConfig(source: string, copy: string): Promise<StackFile> {
    const committed = parse(await readFile(source, "utf8")) as StackFile;
    const kept = { ...committed };
    if (committed.encryptionsalt === undefined && existsSync(copy)) {
        const { encryptionsalt } = parse(await readFile(copy, "utf8")) as StackFile;
        if (encryptionsalt !== undefined) kept.encryptionsalt = encryptionsalt;
    }
    await writeFile(copy, stringify(kept), { mode: 0o600 });
    return committed;
}

async function readOrMakePassphrase(directory: string): Promise<string> {
    const path = join(directory, "passphrase");
    if (!existsSync(path)) {
        await writeFile(path, randomBytes(32).toString("base64url"), { mode: 0o600 });
    }
    await chmod(path, 0o600);
    return readFile(path, "utf8");
}
