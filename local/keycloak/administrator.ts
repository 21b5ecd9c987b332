import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** The first user of the master realm. */
export interface Administrator {
    username: string;
    password: string;
}

/**
 * Reads the administrator from a file (mode 0600), or creates one with a random password and writes the file.
 *
 * Keycloak keeps the password of its first start, so the file must be kept and deleted together with Keycloak's data.
 */
export async function ensureAdministrator(file: string): Promise<Administrator> {
    const text = await readFile(file, "utf8").catch(() => undefined);
    if (text !== undefined) return JSON.parse(text) as Administrator;
    const administrator = { username: "admin", password: randomBytes(24).toString("base64url") };
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(`${file}.new`, JSON.stringify(administrator), { mode: 0o600 });
    await rename(`${file}.new`, file);
    return administrator;
}
