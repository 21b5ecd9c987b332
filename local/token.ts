import { requestAccessToken } from "../verify/accessToken.ts";
import { parseOutputs } from "../verify/outputs.ts";
import { trustCertificates } from "../verify/verifyStack.ts";
import { readArguments } from "./arguments.ts";
import { runScript } from "./script.ts";
import { readStackOutputs } from "./stack.ts";
import { locateTarget, targetOptions, targetUsage } from "./target.ts";

await runScript(async () => {
    const usage = `npm run token -- CLIENT ${targetUsage}`;
    const { values, positionals } = readArguments(usage, targetOptions, { min: 1, max: 1 });
    const outputs = parseOutputs(await readStackOutputs(locateTarget(values), true));
    trustCertificates(outputs.caCertificates);
    console.log(await requestAccessToken(outputs, positionals[0]!));
});
