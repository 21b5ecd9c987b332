import type { PreviewStep } from "./steps.ts";

/** What a reviewer asks first, with the answers: names with a sign, in the order of the steps. */
export interface SummaryLine {
    subject: string;
    answers: string[];
}

const signs: Record<string, string> = {
    create: "+",
    delete: "-",
    // Of a comparison: what only the base does.
    "not create": "-",
    "not delete": "+",
};

/** Sums up steps by servers, images, clients and restarts; subjects without an answer are left out. */
export function summarize(steps: PreviewStep[]): SummaryLine[] {
    const lines: SummaryLine[] = [
        { subject: "servers", answers: signNames(steps, /^slipway:index:McpServer$/, serverOf) },
        { subject: "images", answers: signNames(steps, /^docker:index:Image$/, imageOf) },
        {
            subject: "who may call what",
            answers: [
                ...signNames(
                    steps,
                    /^slipway:index:(MachineClient|InteractiveClient)$/,
                    ({ client }) => client,
                ),
                ...steps.flatMap(describeScopes),
            ],
        },
        { subject: "new pods", answers: steps.flatMap(describeRestart) },
    ];
    return lines.filter(({ answers }) => answers.length > 0);
}

/**
 * Names with a sign: those of a type that come or go, and those of which anything else changes.
 *
 * @param type - Type of the resource that the name is of.
 * @param nameOf - The name that a step belongs to; undefined for one that belongs to none.
 */
function signNames(
    steps: PreviewStep[],
    type: RegExp,
    nameOf: (step: PreviewStep) => string | undefined,
): string[] {
    const found = new Map<string, string>();
    for (const step of steps) {
        const name = nameOf(step);
        if (name === undefined) continue;
        const sign = type.test(step.type) ? (signs[step.op] ?? "~") : "~";
        if (found.get(name) === undefined || sign !== "~") found.set(name, sign);
    }
    return [...found].map(([name, sign]) => `${sign} ${name}`);
}

const serverOf = ({ server }: PreviewStep) => server;

function imageOf({ type, name }: PreviewStep): string | undefined {
    return type === "docker:index:Image" ? name.replace(/-image$/, "") : undefined;
}

function describeScopes({ op, client, scopes }: PreviewStep): string[] {
    if (client === undefined || scopes === undefined || op !== "update") return [];
    const { before, after } = scopes;
    const added = after.filter((scope) => !before.includes(scope));
    const removed = before.filter((scope) => !after.includes(scope));
    const changes = [
        ...added.map((scope) => `+ ${scope}`),
        ...removed.map((scope) => `- ${scope}`),
    ];
    return changes.length === 0 ? [] : [`${client} (${changes.join(", ")})`];
}

function describeRestart({ op, type, name, server, changed }: PreviewStep): string[] {
    if (type !== "kubernetes:apps/v1:Deployment") return [];
    const renewed = op === "replace" || (op === "update" && changed.some(isOfPods));
    return renewed ? [server ?? name.replace(/-pods$/, "")] : [];
}

const isOfPods = (path: string) => /^spec\.template\b/.test(path);
