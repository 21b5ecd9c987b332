import { LocalWorkspace, Stack } from "@pulumi/pulumi/automation/index.js";
import { RandomBytes } from "@pulumi/random";
import { setTimeout } from "node:timers/promises";

import { openEngine } from "../../local/engine.ts";
import { withInterrupts } from "../../local/engineCommand.ts";
import { showEngine } from "../../local/engineOutput.ts";
import { runScript } from "../../local/script.ts";
import { projectRoot } from "../../local/stack.ts";

/** Updates a stack in a directory as `npm run up` does; `created` is called once its one resource is created. */
export async function updateShown(
    directory: string,
    created: () => void = () => undefined,
): Promise<void> {
    await runScript(async () => {
        const options = { packages: ["random"], official: false, print: () => undefined } as const;
        const engine = await openEngine({}, options);
        try {
            const workspace = await LocalWorkspace.create({
                workDir: directory,
                pulumiCommand: withInterrupts(engine.pulumiCommand),
                // The engine starts providers in the program's directory.
                projectSettings: { name: "shown", runtime: "nodejs", main: projectRoot },
                program: async () => {
                    const one = new RandomBytes("one", { length: 4 });
                    one.hex.apply(created);
                    if (process.env["SLOW"] === "1")
                        await setTimeout(60_000, undefined, { ref: false });
                },
                envVars: {
                    ...engine.environment,
                    PULUMI_BACKEND_URL: `file://${directory}`,
                    PULUMI_CONFIG_PASSPHRASE: "not a secret: the stack holds test data",
                    PULUMI_SKIP_UPDATE_CHECK: "true",
                },
            });
            const stack = await Stack.createOrSelect("dev", workspace);
            await stack.up({ ...showEngine(), suppressOutputs: true });
        } finally {
            await engine.close();
        }
    });
}
