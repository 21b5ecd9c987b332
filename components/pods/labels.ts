/** What a pod of this project is for; a NetworkPolicy of one role names the others by it. */
export type Role = "server" | "gateway" | "token-verifier";

/** Labels that tell one kind of pod from every other in its namespace; they never change, as selectors cannot. */
export function selectorLabels(role: Role, name: string): Record<string, string> {
    return {
        "app.kubernetes.io/name": name,
        "app.kubernetes.io/component": role,
        "app.kubernetes.io/part-of": "slipway",
    };
}

/** Selects every pod of a role, whatever its name. */
export function roleLabels(role: Role): Record<string, string> {
    return {
        "app.kubernetes.io/component": role,
        "app.kubernetes.io/part-of": "slipway",
    };
}
