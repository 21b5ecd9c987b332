import { parseOutputs } from "../verify/outputs.ts";
import { verifyStack } from "../verify/verifyStack.ts";
import { readArguments } from "./arguments.ts";
import { runScript } from "./script.ts";
import { readStackOutputs } from "./stack.ts";
import { locateTarget, targetOptions, targetUsage } from "./target.ts";

await runScript(async () => {
    const { values } = readArguments(`npm run verify -- ${targetUsage}`, targetOptions);
    await verifyStack(parseOutputs(await readStackOutputs(locateTarget(values), true)));
});
