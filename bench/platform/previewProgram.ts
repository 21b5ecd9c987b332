/**
 * Previews the stack of the project directory that is named as the argument, with a state of its own beside it, and
 * prints what it took as the last line, in JSON. A process for each preview: memory counts from its start.
 */
import { join } from "node:path";

import { runScript } from "../../local/script.ts";
import { openStack } from "../../local/stack.ts";
import { stackName } from "./stackFile.ts";

await runScript(async () => {
    const [directory = ""] = process.argv.slice(2);
    const { stack, close } = await openStack({
        name: stackName,
        environment: {},
        stateDirectory: join(directory, "state"),
        configurationDirectory: directory,
    });
    try {
        const started = performance.now();
        const { changeSummary } = await stack.preview({ suppressProgress: true });
        const seconds = (performance.now() - started) / 1000;
        const { create = 0, ...others } = changeSummary;
        if (Object.keys(others).length > 0) {
            throw new Error(`preview: must only create, got ${JSON.stringify(changeSummary)}`);
        }
        const rssMb = process.resourceUsage().maxRSS * 1.024e-3;
        console.log(JSON.stringify({ seconds, resources: create, rssMb }));
    } finally {
        await close();
    }
});
