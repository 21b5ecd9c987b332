import type { PreviewStep } from "./steps.ts";

const signs: Record<string, string> = { create: "+", update: "~", replace: "±", delete: "-" };

/** One line per resource, and their number. */
export function renderText(steps: PreviewStep[], title: string): string {
    if (steps.length === 0) return `${title}: no changes`;
    const lines = steps.map(({ op, type, name, changed }) => {
        const properties = changed.length === 0 ? "" : ` [${changed.join(", ")}]`;
        return `${signs[op] ?? op} ${type} ${name}${properties}`;
    });
    return [`${title}: ${countSteps(steps)}`, ...lines.map((line) => `  ${line}`)].join("\n");
}

/** The same as a comment of a pull request: numbers first, resources in a table. */
export function renderMarkdown(steps: PreviewStep[], title: string): string {
    if (steps.length === 0) return `### ${title}\n\nNo changes.\n`;
    const rows = steps.map(({ op, type, name, changed }) => {
        const properties = changed.map((path) => `\`${path}\``).join(", ");
        return `| ${op} | \`${type}\` | ${name} | ${properties.replaceAll("|", "\\|")} |`;
    });
    const table = ["| | type | name | changed |", "| --- | --- | --- | --- |", ...rows];
    return `### ${title}\n\n${countSteps(steps)}\n\n${table.join("\n")}\n`;
}

function countSteps(steps: PreviewStep[]): string {
    const counts = Object.entries(Object.groupBy(steps, ({ op }) => op));
    return counts.map(([op, ones]) => `${ones?.length ?? 0} to ${op}`).join(", ");
}
