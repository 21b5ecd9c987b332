/** Purpose of a pod of this project. */
export type Role = "server" | "gateway" | "gateway-configuration" | "token-verifier";

/** Labels that select the pods of one component; they must never change, as selectors are immutable. */
export function selectorLabels(role: Role, name: string): Record<string, string> {
    return { "app.kubernetes.io/name": name, ...roleLabels(role) };
}

/** Labels that select all pods of a role. */
export function roleLabels(role: Role): Record<string, string> {
    return {
        "app.kubernetes.io/component": role,
        "app.kubernetes.io/part-of": "slipway",
    };
}
