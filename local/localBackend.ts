import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";

/** A local state backend of one stack, and the environment that makes the engine use it. */
export interface LocalBackend {
    /** Directory with copies of Pulumi.yaml and the stack's configuration: the engine must not change the checkout. */
    projectDirectory: string;
    /** PULUMI_BACKEND_URL, and a passphrase generated for this state unless the committed file has secrets. */
    environment: Record<string, string>;
}

/**
 * Prepares a file backend below `directory` for a stack with its configuration in `root` and its program in `program`.
 *
 * The configuration is copied each time. The engine adds the salt of its passphrase to the copy only: a salt in the
 * committed file would belong to one machine.
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
    // The engine starts providers in the program's directory; image paths are relative to it.
    const copy = stringify({ ...project, main: program });
    await writeFile(join(projectDirectory, "Pulumi.yaml"), copy);
    const fileName = `Pulumi.${stackName}.yaml`;
    const config = await copyStackConfig(join(root, fileName), join(projectDirectory, fileName));
    const environment: Record<string, string> = { PULUMI_BACKEND_URL: `file://${backend}` };
    // Secrets in the committed file are encrypted with the caller's passphrase; otherwise the state has its own.
    if (config.encryptionsalt === undefined) {
        environment["PULUMI_CONFIG_PASSPHRASE"] = await readOrMakePassphrase(directory);
    }
    return { projectDirectory, environment };
}

type StackFile = { encryptionsalt?: string; config?: Record<string, unknown> };

/** Copies the configuration but keeps the salt of the copy. Returns the committed configuration. */
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
