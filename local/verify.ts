import { attackTable } from "../verify/attacks/attackTable.ts";
import { refuseFailures, runAttacks } from "../verify/attacks/runAttacks.ts";
import { chooseTarget } from "../verify/attacks/target.ts";
import { parseOutputs } from "../verify/outputs.ts";
import { trustCertificates, verifyStack } from "../verify/verifyStack.ts";
import { readArguments } from "./arguments.ts";
import { runScript } from "./script.ts";
import { readStackOutputs } from "./stack.ts";
import { locateTarget, targetOptions, targetUsage } from "./target.ts";

await runScript(async () => {
    const { values } = readArguments(`npm run verify -- [--attacks [--url URL]] ${targetUsage}`, {
        ...targetOptions,
        attacks: { type: "boolean", default: false },
        url: { type: "string" },
    });
    if (values.url !== undefined) return attackUrl(values.url);
    const outputs = parseOutputs(await readStackOutputs(locateTarget(values), true));
    if (!values.attacks) return void (await verifyStack(outputs));
    trustCertificates(outputs.caCertificates);
    refuseFailures(await runAttacks(await chooseTarget(outputs), attackTable));
});

/** Attacks an endpoint that is no part of a stack. Its token is in the environment, so that no process list shows it. */
async function attackUrl(url: string): Promise<void> {
    const token = process.env["ACCESS_TOKEN"] ?? "";
    if (!URL.canParse(url) || token === "") {
        throw new Error("--url: needs a URL, and an access token for it in ACCESS_TOKEN");
    }
    refuseFailures(await runAttacks({ url: new URL(url), token }, attackTable));
}
