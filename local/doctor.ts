import { readArguments } from "./arguments.ts";
import { examine } from "./doctor/examine.ts";
import { openPatient } from "./doctor/patient.ts";
import { runScript } from "./script.ts";
import { targetOptions, targetUsage } from "./target.ts";

await runScript(async () => {
    const { values } = readArguments(`npm run doctor -- ${targetUsage}`, targetOptions);
    const finding = await examine(await openPatient(values));
    if (finding !== undefined) throw new Error(`stack '${values.stack}': ${finding.what}`);
    console.log(`\nstack '${values.stack}' is well`);
});
