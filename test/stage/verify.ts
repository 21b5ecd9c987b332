import { readArguments } from "../../local/arguments.ts";
import { runScript } from "../../local/script.ts";
import { readStackOutputs } from "../../local/stack.ts";
import { locateTarget, targetOptions, targetUsage } from "../../local/target.ts";
import { parseOutputs } from "./outputs.ts";
import { verifyStack } from "./verifyStack.ts";

await runScript(async () => {
    const { values } = readArguments(`npm run verify -- ${targetUsage}`, targetOptions);
    await verifyStack(parseOutputs(await readStackOutputs(locateTarget(values), true)));
});
