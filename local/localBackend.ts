import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";

import { hasSecrets, isSecret, readStackFile } from "./embedded/stackFile.ts";
import type { StackConfiguration, StackFile } from "./embedded/stackFile.ts";

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
 * The configuration is copied each time and completed by `complete`. The engine adds the salt of its passphrase to the
 * copy only, as a salt in the committed file would belong to one machine. Secrets of the copy are kept for that reason.
 */
export async function openLocalBackend(
    root: string,
    stackName: string,
    directory: string,
    program = root,
    complete: (config: StackConfiguration) => StackConfiguration = (config) => config,
): Promise<LocalBackend> {
    const projectDirectory = join(directory, "project");
    const backend = join(directory, "state");
    for (const path of [directory, projectDirectory, backend]) {
        await mkdir(path, { recursive: true, mode: 0o700 });
    }
    const project = parse(await readFile(join(root, "Pulumi.yaml"), "utf8")) as object;
    const projectFile = join(projectDirectory, "Pulumi.yaml");
    tellOtherCheckout(stackName, projectFile, program);
    // The engine starts providers in the program's directory; image paths are relative to it.
    await writeFile(projectFile, stringify({ ...project, main: program }));
    const fileName = `Pulumi.${stackName}.yaml`;
    const committed = readStackFile(root, stackName);
    const file = join(projectDirectory, fileName);
    const copy = existsSync(file) ? (parse(readFileSync(file, "utf8")) as StackFile) : {};
    // Secrets in the committed file are encrypted with the caller's passphrase; otherwise the state has its own. A salt
    // alone is left from a deployment elsewhere that did not come to anything.
    const { encryptionsalt } = committed;
    const callers =
        encryptionsalt !== undefined &&
        (hasSecrets(committed.config) || copy.encryptionsalt === encryptionsalt);
    const config = complete(committed.config ?? {});
    const written = callers
        ? { ...committed, config }
        : { ...withoutSalt(committed), ...keepSecrets(copy, config) };
    await writeFile(file, stringify(written), { mode: 0o600 });
    const environment: Record<string, string> = {
        PULUMI_BACKEND_URL: `file://${backend}`,
        // By it the stand-in of Keycloak knows again what an interrupted update of this state created.
        SLIPWAY_STATE_ID: await readOrMake(directory, "id"),
    };
    if (!callers)
        environment["PULUMI_CONFIG_PASSPHRASE"] = await readOrMake(directory, "passphrase");
    return { projectDirectory, environment };
}

/** Says that another checkout, which is still there, used the stack before this one. */
function tellOtherCheckout(stackName: string, projectFile: string, program: string): void {
    if (!existsSync(projectFile)) return;
    const { main } = parse(readFileSync(projectFile, "utf8")) as { main?: string };
    if (main === undefined || main === program || !existsSync(main)) return;
    console.error(
        `stack '${stackName}': is shared with the checkout '${main}', which used it last; 'npm run up -- --stack NAME' deploys one of your own`,
    );
}

function withoutSalt(file: StackFile): StackFile {
    const others = { ...file };
    delete others.encryptionsalt;
    return others;
}

/** The configuration with the salt of the copy, and with the secrets that were set there. */
function keepSecrets(copy: StackFile, config: StackConfiguration): StackFile {
    const { encryptionsalt } = copy;
    if (encryptionsalt === undefined) return { config };
    const secrets = Object.entries(copy.config ?? {}).filter(([, value]) => isSecret(value));
    return { encryptionsalt, config: { ...Object.fromEntries(secrets), ...config } };
}

/** A random text that is made once for a state. */
async function readOrMake(directory: string, name: "id" | "passphrase"): Promise<string> {
    const path = join(directory, name);
    if (!existsSync(path)) {
        await writeFile(path, randomBytes(32).toString("base64url"), { mode: 0o600 });
    }
    await chmod(path, 0o600);
    return readFile(path, "utf8");
}
