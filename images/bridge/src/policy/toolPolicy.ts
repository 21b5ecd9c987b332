import { BoundedMap } from "../collections/boundedMap.ts";
import type { JsonObject } from "../json/jsonRpc.ts";
import type { Principal } from "../auth/principal.ts";
import { matchesPattern } from "./toolPattern.ts";

/** Names whose rules are remembered; a server has fewer tools, but a caller may name others. */
const entryLimit = 1000;
/** All those names together, in characters. */
const sizeLimit = 128 * 1024;

/** Why a caller may not call a tool: for callers it does not exist, or it needs scopes, all of which are named. */
export type ToolRefusal = { kind: "unknown" } | { kind: "scope"; scopes: readonly string[] };

export interface ToolPolicyArgs {
    /** Patterns of the tools that exist for callers; empty for all. */
    tools: readonly string[];
    /** Scopes that tools need, between spaces, by pattern. A tool needs those of every pattern that means it. */
    toolScopes: Readonly<Record<string, string>>;
}

/** Which tools callers may see and call. */
export interface ToolPolicy {
    /** Why `principal` may not call the tool; undefined when it may. Anything but a text is no tool's name. */
    refuseTool(principal: Principal, name: unknown): ToolRefusal | undefined;
    /** Whether a tool exists for callers. One that needs scopes does: a caller can ask its user for them. */
    offers(name: string): boolean;
    /** A result of `tools/list` without the tools that do not exist for callers; the same object when all do. */
    filterTools(result: JsonObject): JsonObject;
}

interface Rule {
    offered: boolean;
    scopes: readonly string[];
    /** Kept to be given again. */
    refusal: ToolRefusal | undefined;
}

const unknown: ToolRefusal = Object.freeze({ kind: "unknown" });
const everything: ToolPolicy = {
    refuseTool: () => undefined,
    offers: () => true,
    filterTools: (result) => result,
};

/** Reads the rules. Without any, every tool is everybody's and nothing is looked at. */
export function createToolPolicy({ tools, toolScopes }: ToolPolicyArgs): ToolPolicy {
    const scoped = Object.entries(toolScopes).map(([pattern, text]) => ({
        pattern,
        scopes: splitScopes(text),
    }));
    if (tools.length === 0 && scoped.length === 0) {
        return everything;
    }
    const rules = new BoundedMap<Rule>({
        entries: entryLimit,
        size: sizeLimit,
        sizeOf: (name) => name.length,
    });

    function findRule(name: string): Rule {
        let rule = rules.get(name);
        if (rule === undefined) {
            rule = readRule(name);
            rules.set(name, rule);
        }
        return rule;
    }

    function readRule(name: string): Rule {
        if (tools.length > 0 && !tools.some((pattern) => matchesPattern(pattern, name))) {
            return { offered: false, scopes: [], refusal: unknown };
        }
        const matching = scoped.filter(({ pattern }) => matchesPattern(pattern, name));
        const scopes = [...new Set(matching.flatMap((entry) => entry.scopes))];
        const refusal = scopes.length > 0 ? { kind: "scope" as const, scopes } : undefined;
        return { offered: true, scopes, refusal };
    }

    return {
        refuseTool(principal, name) {
            if (typeof name !== "string") {
                return unknown;
            }
            const { offered, scopes, refusal } = findRule(name);
            if (refusal === undefined || !offered) {
                return refusal;
            }
            // A caller of whom no scopes are known has none.
            const granted = principal.scopes;
            return granted !== undefined && scopes.every((scope) => granted.includes(scope))
                ? undefined
                : refusal;
        },
        offers: (name) => findRule(name).offered,
        filterTools(result) {
            if (tools.length === 0 || !Array.isArray(result.tools)) {
                return result;
            }
            const offered = result.tools.filter((tool) => {
                const name = (tool as { name?: unknown } | null)?.name;
                return typeof name === "string" && findRule(name).offered;
            });
            return offered.length === result.tools.length ? result : { ...result, tools: offered };
        },
    };
}

/** Scopes between spaces. */
export function splitScopes(text: string): string[] {
    return text.split(/\s+/).filter((scope) => scope !== "");
}
