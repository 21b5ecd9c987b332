import { writeFile } from "node:fs/promises";

import { readArguments } from "./arguments.ts";
import { findForkPoint, listBaseSteps } from "./preview/base.ts";
import { renderMarkdown, renderSummary, renderText } from "./preview/render.ts";
import { compareSteps, gatherSteps, listSteps, type PreviewStep } from "./preview/steps.ts";
import { runScript } from "./script.ts";
import { openStack, type StackOptions } from "./stack.ts";
import { prepareTarget, targetOptions, targetUsage } from "./target.ts";

/** Exit codes of a comparison, as those of `diff`. */
const exitCodes = { same: 0, changed: 1, failed: 2 };

let exitCode: number | undefined;
const isComparison = process.argv.some((argument) => /^--base(=|$)/.test(argument));

await runScript(async () => {
    if (isComparison) exitCode = exitCodes.failed;
    const { values } = readArguments(
        `npm run preview -- [--base BRANCH [--markdown FILE]] ${targetUsage}`,
        { ...targetOptions, base: { type: "string" }, markdown: { type: "string" } },
    );
    const options = await prepareTarget(values);
    if (values.base !== undefined) {
        exitCode = await compareWith(values.base, options, values.markdown);
        return;
    }
    const { stack, close } = await openStack(options);
    const steps: PreviewStep[] = [];
    try {
        await stack.preview({
            diff: true,
            onOutput: (text) => void process.stdout.write(text),
            onEvent: gatherSteps(steps),
            color: "auto",
        });
        // Last, where the terminal shows it.
        const summary = renderSummary(steps);
        if (summary.length > 0) console.log(`\nin short:\n${summary.join("\n")}`);
    } finally {
        await close();
    }
});
process.exitCode = exitCode ?? process.exitCode;

/** Prints what the branch changes against where it has left `base`; gives the exit code. */
async function compareWith(
    base: string,
    options: StackOptions,
    markdown: string | undefined,
): Promise<number> {
    const commit = await findForkPoint(base);
    const before = await listBaseSteps(commit, options);
    const { stack, close } = await openStack(options);
    try {
        const steps = compareSteps(before, await listSteps(stack));
        const title = `stack '${stack.name}' against ${base} (${commit.slice(0, 8)})`;
        console.log(`\n${renderText(steps, title)}`);
        if (markdown !== undefined) await writeFile(markdown, renderMarkdown(steps, title));
        return steps.length === 0 ? exitCodes.same : exitCodes.changed;
    } finally {
        await close();
    }
}
