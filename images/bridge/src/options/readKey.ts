import { closeSync, readFileSync, statSync } from "node:fs";
import type { BridgeOptions } from "./bridgeOptions.ts";

/** Where the secret that signs session ids comes from; both empty for a random one. */
type KeySource = Pick<BridgeOptions, "keyFile" | "keyEnvironment">;

/** Least length of a key, in bytes: that of the digest it is used with (RFC 2104, section 3). */
const leastBytes = 32;

/** A descriptor that whoever started the program opened. */
const descriptorForm = /^\/dev\/fd\/(\d+)$/;
/** Keys of descriptors: a pipe gives its key once, and then holds nothing for anybody else. */
const fromDescriptors = new Map<string, Buffer>();

/**
 * Reads the secret that signs session ids.
 *
 * @returns undefined when none is given
 * @throws when it cannot be read, or is so short that it could be guessed; says which option to repair
 */
export function readKey(source: KeySource, environment: NodeJS.ProcessEnv): Buffer | undefined {
    const { keyFile, keyEnvironment } = source;
    if (keyEnvironment !== "") {
        const length = Buffer.byteLength(environment[keyEnvironment] ?? "");
        if (length < leastBytes) {
            throw new Error(
                `--key-env (SLIPWAY_KEY_ENV): must name a variable with ${leastBytes} random bytes or more, got '${keyEnvironment}' with ${length}; make its value with 'openssl rand -hex 32'`,
            );
        }
        return Buffer.from(environment[keyEnvironment] ?? "");
    }
    return keyFile === "" ? undefined : readKeyFile(keyFile);
}

function readKeyFile(file: string): Buffer {
    const refuse = (got: string): Error =>
        new Error(
            `--key-file (SLIPWAY_KEY_FILE): must be a file with ${leastBytes} random bytes or more, got '${file}' ${got}`,
        );
    let key: Buffer;
    try {
        key = fromDescriptors.get(file) ?? readContent(file);
    } catch (error) {
        throw refuse(`which cannot be read (${(error as NodeJS.ErrnoException).code})`);
    }
    if (key.length < leastBytes) {
        throw refuse(`with ${key.length}; make one with 'openssl rand -out FILE 32'`);
    }
    return key;
}

function readContent(file: string): Buffer {
    const descriptor = descriptorForm.exec(file)?.[1];
    if (descriptor === undefined) {
        return readFileSync(file);
    }
    // By its number: opening it by name again takes the permission that only its opener has.
    const key = readFileSync(Number(descriptor));
    closeSync(Number(descriptor));
    fromDescriptors.set(file, key);
    return key;
}

/** Says what is wrong with the key, before anything is started. */
export function findKeyProblem(
    source: KeySource,
    environment: NodeJS.ProcessEnv,
): string | undefined {
    try {
        readKey(source, environment);
        return undefined;
    } catch (error) {
        return (error as Error).message;
    }
}

/**
 * Whether another process of the same user, such as the server, could read this one's environment and memory. Not where
 * the kernel has made them root's, as it does for programs that their user may execute and not read.
 */
export function isReadableByOwnUser(): boolean {
    try {
        return statSync("/proc/self/environ").uid === process.getuid?.();
    } catch {
        // No such file system, so nobody can read them there.
        return false;
    }
}
