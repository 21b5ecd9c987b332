import { text } from "node:stream/consumers";

import { readArguments } from "./arguments.ts";
import { describeCommand } from "./commands.ts";
import { runScript } from "./script.ts";
import { setSecret } from "./secretValue.ts";
import { locateTarget, targetOptions, targetUsage } from "./target.ts";

await runScript(async () => {
    const { values, positionals } = readArguments(
        `npm run secret -- KEY ${targetUsage} < FILE`,
        targetOptions,
        { min: 1, max: 1 },
    );
    const [key = ""] = positionals;
    if (process.stdin.isTTY) console.error(`value of '${key}', then Enter and Ctrl-D:`);
    // Not an argument, which the list of processes would show.
    const value = (await text(process.stdin)).replace(/\r?\n$/, "");
    await setSecret(locateTarget(values), key, value);
    console.log(`'${key}' is set; '${describeCommand("up", values)}' deploys it`);
});
