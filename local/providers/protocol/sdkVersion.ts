import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** Version of a package's SDK, and so of its plugin: both are released together. */
export async function sdkVersion(name: string): Promise<string> {
    const file = fileURLToPath(import.meta.resolve(`@pulumi/${name}/package.json`));
    return (JSON.parse(await readFile(file, "utf8")) as { version: string }).version;
}
