import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";

import { projectRoot } from "../../local/stack.ts";

/** The entry of a server in Pulumi.dev.yaml. */
export async function devEntry(server: string): Promise<Record<string, unknown>> {
    const text = await readFile(join(projectRoot, "Pulumi.dev.yaml"), "utf8");
    const { config } = parse(text) as {
        config: { "slipway:servers": ({ name: string } & Record<string, unknown>)[] };
    };
    const entry = config["slipway:servers"].find(({ name }) => name === server);
    if (entry === undefined) throw new Error(`Pulumi.dev.yaml: must have '${server}'`);
    return entry;
}
