import { readArguments } from "../../local/arguments.ts";
import { runScript } from "../../local/script.ts";
import { readStackOutputs } from "../../local/stack.ts";
import { locateTarget, targetOptions, targetUsage } from "../../local/target.ts";
import { requestAccessToken } from "./accessToken.ts";
import { parseOutputs } from "./outputs.ts";
import { trustCertificates } from "./verifyStack.ts";

await runScript(async () => {
    const usage = `npm run token -- CLIENT ${targetUsage}`;
    const { values, positionals } = readArguments(usage, targetOptions, { min: 1, max: 1 });
    const outputs = parseOutputs(await readStackOutputs(locateTarget(values), true));
    trustCertificates(outputs.caCertificates);
    console.log(await requestAccessToken(outputs, positionals[0]!));
});
