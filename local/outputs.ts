import { readArguments } from "./arguments.ts";
import { runScript } from "./script.ts";
import { readStackOutputs } from "./stack.ts";
import { locateTarget, targetOptions, targetUsage } from "./target.ts";

await runScript(async () => {
    const { values } = readArguments(
        `npm run outputs -- [--json] [--show-secrets] ${targetUsage}`,
        {
            ...targetOptions,
            json: { type: "boolean", default: false },
            "show-secrets": { type: "boolean", default: false },
        },
    );
    const outputs = await readStackOutputs(locateTarget(values), values["show-secrets"]);
    if (values.json) {
        console.log(JSON.stringify(outputs, undefined, 2));
        return;
    }
    for (const [name, value] of Object.entries(outputs)) {
        console.log(
            `${name}: ${typeof value === "string" ? value : JSON.stringify(value, undefined, 2)}`,
        );
    }
});
