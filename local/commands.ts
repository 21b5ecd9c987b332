/** Target of a script: a stack, and a context of the caller's kubeconfig or else the embedded platform. */
export interface Target {
    stack: string;
    context?: string;
}

/** What a command says of a stack that was never deployed. */
export function describeAbsent(target: Target): string {
    return `stack '${target.stack}': is not there yet; run '${describeCommand("up", target)}' first`;
}

/** A command of this project for a target, as the reader types it. */
export function describeCommand(
    script: string,
    { stack, context }: Target,
    ...args: string[]
): string {
    const all = [
        ...args,
        ...(stack === "dev" ? [] : ["--stack", stack]),
        ...(context === undefined ? [] : ["--context", context]),
    ];
    return ["npm run", script, ...(all.length > 0 ? ["--"] : []), ...all].join(" ");
}
