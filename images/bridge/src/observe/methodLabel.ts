import { other } from "./toolLabels.ts";

/** Requests of the revisions 2024-11-05 to 2026-07-28. */
const methods = new Set([
    "completion/complete",
    "initialize",
    "logging/setLevel",
    "ping",
    "prompts/get",
    "prompts/list",
    "resources/list",
    "resources/read",
    "resources/subscribe",
    "resources/templates/list",
    "resources/unsubscribe",
    "server/discover",
    "subscriptions/listen",
    "tasks/cancel",
    "tasks/get",
    "tasks/list",
    "tasks/result",
    "tools/call",
    "tools/list",
]);

/** Label value for a method. Clients may send any, so those no revision knows share one. */
export function methodLabel(method: string): string {
    return methods.has(method) ? method : other;
}
