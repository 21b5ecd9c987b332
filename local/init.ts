import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { readArguments } from "./arguments.ts";
import { describeCommand } from "./commands.ts";
import { planServer, type ServerPlan } from "./init/planServer.ts";
import { runScript } from "./script.ts";
import { projectRoot } from "./stack.ts";

await runScript(async () => {
    const { values, positionals } = readArguments(
        "npm run init -- NAME [--language typescript|python] [--transport http|stdio] [--stack NAME]",
        {
            language: { type: "string", default: "typescript" },
            transport: { type: "string", default: "http" },
            stack: { type: "string", default: "dev" },
        },
        { min: 1, max: 1 },
    );
    const plan = planServer(projectRoot, { name: positionals[0]!, ...values });
    await write(plan);
    console.log(`${plan.directory}: ${Object.keys(plan.files).sort().join(", ")}`);
    const callers =
        plan.client === undefined
            ? "add a client to 'slipway:identity.clients' that may call it"
            : `client '${plan.client}' may call it`;
    console.log(`${plan.stackFile}: server '${positionals[0]}'; ${callers}`);
    const up = describeCommand("up", { stack: values.stack });
    console.log(`\nnext: ${up}\nwhich builds it, deploys it and calls it at ${plan.url}`);
});

async function write({ directory, files, stackFile, stackText }: ServerPlan): Promise<void> {
    for (const [path, text] of Object.entries(files)) {
        const file = join(projectRoot, directory, path);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, text, { flag: "wx" });
    }
    await writeFile(join(projectRoot, stackFile), stackText);
}
