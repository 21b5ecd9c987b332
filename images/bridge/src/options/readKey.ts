import { readFileSync } from "node:fs";

/** Least length of a key, in bytes: that of the digest it is used with (RFC 2104, section 3). */
const leastBytes = 32;

/**
 * Reads the secret that signs session ids.
 *
 * @throws when it cannot be read, or is so short that it could be guessed; says which option to repair
 */
export function readKey(file: string): Buffer {
    const refuse = (got: string): Error =>
        new Error(
            `--key-file (SLIPWAY_KEY_FILE): must be a file with ${leastBytes} random bytes or more, got '${file}' ${got}`,
        );
    let key: Buffer;
    try {
        key = readFileSync(file);
    } catch (error) {
        throw refuse(`which cannot be read (${(error as NodeJS.ErrnoException).code})`);
    }
    if (key.length < leastBytes) {
        throw refuse(`with ${key.length}; make one with 'openssl rand -out FILE 32'`);
    }
    return key;
}

/** Says what is wrong with a key file, before anything is started; the empty name stands for no file. */
export function findKeyProblem(file: string): string | undefined {
    try {
        if (file !== "") {
            readKey(file);
        }
        return undefined;
    } catch (error) {
        return (error as Error).message;
    }
}
