import type { PreviewStep } from "./steps.ts";
import { summarize } from "./summary.ts";

const signs: Record<string, string> = { create: "+", update: "~", replace: "±", delete: "-" };

/** What a reviewer asks first, then one line per resource. */
export function renderText(steps: PreviewStep[], title: string): string {
    if (steps.length === 0) return `${title}: no changes`;
    const lines = steps.map(({ op, type, name, changed }) => {
        const properties = changed.length === 0 ? "" : ` [${changed.join(", ")}]`;
        return `${signs[op] ?? op} ${type} ${name}${properties}`;
    });
    const summary = renderSummary(steps);
    const details = lines.map((line) => `  ${line}`);
    return [
        `${title}: ${countSteps(steps)}`,
        ...(summary.length > 0 ? [...summary, ""] : []),
        ...details,
    ].join("\n");
}

/** A line for each thing that a reviewer asks first. */
export function renderSummary(steps: PreviewStep[]): string[] {
    return summarize(steps).map(({ subject, answers }) => `  ${subject}: ${answers.join(", ")}`);
}

/** The same as a comment of a pull request: resources in a table that is folded up. */
export function renderMarkdown(steps: PreviewStep[], title: string): string {
    if (steps.length === 0) return `### ${title}\n\nNo changes.\n`;
    const rows = steps.map(({ op, type, name, changed }) => {
        const properties = changed.map((path) => `\`${path}\``).join(", ");
        return `| ${op} | \`${type}\` | ${name} | ${properties.replaceAll("|", "\\|")} |`;
    });
    const table = ["| | type | name | changed |", "| --- | --- | --- | --- |", ...rows];
    const summary = summarize(steps).map(
        ({ subject, answers }) => `- **${subject}**: ${answers.join(", ")}\n`,
    );
    const head = `### ${title}\n\n${countSteps(steps)}\n\n`;
    const opened = "<details><summary>resources</summary>\n\n";
    const lead = summary.length > 0 ? `${summary.join("")}\n` : "";
    return `${head}${lead}${opened}${table.join("\n")}\n\n</details>\n`;
}

function countSteps(steps: PreviewStep[]): string {
    const counts = Object.entries(Object.groupBy(steps, ({ op }) => op));
    return counts.map(([op, ones]) => `${ones?.length ?? 0} to ${op}`).join(", ");
}
