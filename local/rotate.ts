import { readArguments } from "./arguments.ts";
import { showEngine } from "./engineOutput.ts";
import { rotateClient } from "./rotation.ts";
import { runScript } from "./script.ts";
import { openStack } from "./stack.ts";
import { prepareTarget, targetOptions, targetUsage } from "./target.ts";

await runScript(async () => {
    const usage = `npm run rotate -- CLIENT ${targetUsage}`;
    const { values, positionals } = readArguments(usage, targetOptions, { min: 1, max: 1 });
    const client = positionals[0]!;
    const { stack, close } = await openStack(await prepareTarget(values));
    try {
        await rotateClient(stack, client, showEngine());
    } finally {
        await close();
    }
    console.log(
        `\n'${client}' has a new secret, in Keycloak and in its Secret; the former one is refused`,
    );
});
