import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { buildClientConfig, type ClientFiles } from "../components/index.ts";
import { findClientFor } from "../verify/accessToken.ts";
import { parseOutputs, type StackOutputs } from "../verify/outputs.ts";
import { readArguments } from "./arguments.ts";
import { chooseEndpoints, describeSetup, readClient } from "./clientSetup.ts";
import { paths } from "./paths.ts";
import { runScript } from "./script.ts";
import { readStackOutputs } from "./stack.ts";
import { locateTarget, targetOptions, targetUsage } from "./target.ts";

await runScript(async () => {
    const usage = `npm run connect -- CLIENT [SERVER] ${targetUsage}`;
    const { values, positionals } = readArguments(usage, targetOptions, { min: 1, max: 2 });
    const client = readClient(positionals[0]!);
    const outputs = parseOutputs(await readStackOutputs(locateTarget(values), true));
    const endpoints = chooseEndpoints(outputs, client, positionals[1]);
    const machine = findClientFor(outputs, endpoints[0]!.server);
    const files = await writeFiles(outputs, values.stack, machine);
    // Only the text goes to stdout, so that it can be written to a file.
    process.stdout.write(buildClientConfig(client, endpoints, files));
    for (const line of describeSetup(client, machine, files, values)) console.error(line);
});

/** Writes the stack's private authorities to a file; the path of the credentials is only named. */
async function writeFiles(
    { caCertificates = "" }: StackOutputs,
    stack: string,
    machine: string,
): Promise<ClientFiles> {
    const directory = join(paths.state, "clients", stack);
    const credentialsFile = join(directory, `${machine}.json`);
    await mkdir(directory, { recursive: true });
    if (caCertificates === "") return { credentialsFile };
    const caFile = join(directory, "ca.pem");
    await writeFile(caFile, caCertificates);
    return { caFile, credentialsFile };
}
