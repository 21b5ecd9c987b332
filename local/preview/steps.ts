import type { EngineEvent, Stack } from "@pulumi/pulumi/automation/index.js";
import { createHash } from "node:crypto";

import { serverOfPart } from "../serverOfPart.ts";

/** What a preview would do with one resource. */
export interface PreviewStep {
    urn: string;
    /** `create`, `update`, `replace`, `delete` … */
    op: string;
    /** Type token: `kubernetes:apps/v1:Deployment`. */
    type: string;
    name: string;
    /** Paths of the properties that differ, sorted. */
    changed: string[];
    /** The server that the resource is of, or is. */
    server?: string;
    /** The client of the realm that the resource is of, or is. */
    client?: string;
    /** Scopes of that client, before and after. */
    scopes?: { before: string[]; after: string[] };
    /** Digest of the inputs, which tells two steps apart that create the same resource in different ways. */
    inputs: string;
}

/** End of the name that a resource is given when it is created or replaced; every preview draws another. */
const randomSuffix = /-[0-9a-f]{8}(?=")/g;

/** Operations that stand for a replacement, whose parts are not told apart here. */
const partsOfReplacement = /^(create-replacement|delete-replaced|discard-replaced)$/;

/** Previews a stack and gives every step that is not `same`. Throws when the program or a provider fails. */
export async function listSteps(stack: Stack): Promise<PreviewStep[]> {
    const steps: PreviewStep[] = [];
    const errors: string[] = [];
    const gather = gatherSteps(steps);
    const onEvent = (event: EngineEvent) => {
        gather(event);
        const { severity, message } = event.diagnosticEvent ?? {};
        if (severity === "error" && message !== undefined) errors.push(message.trim());
    };
    try {
        await stack.preview({ onEvent, color: "never" });
    } catch (error) {
        const told = [...new Set(errors)].join("\n");
        throw new Error(told === "" ? (error as Error).message : told, { cause: error });
    }
    return steps.sort((one, other) => one.urn.localeCompare(other.urn));
}

/** Adds the step of each event that has one to `steps`. */
export function gatherSteps(steps: PreviewStep[]): (event: EngineEvent) => void {
    return (event) => {
        const step = readStep(event);
        if (step !== undefined) steps.push(step);
    };
}

/** The step of an event; undefined for other events, for what stays as it is, and for parts of a replacement. */
export function readStep({ resourcePreEvent }: EngineEvent): PreviewStep | undefined {
    if (resourcePreEvent === undefined) return undefined;
    const { op, urn, type, detailedDiff, diffs, new: wanted, old } = resourcePreEvent.metadata;
    if (["same", "read", "refresh"].includes(op) || partsOfReplacement.test(op)) return undefined;
    const changed = Object.keys(detailedDiff ?? {});
    const content = JSON.stringify(wanted?.inputs ?? {}).replaceAll(randomSuffix, "-*");
    return {
        urn,
        op,
        type,
        name: urn.split("::").at(-1) ?? urn,
        changed: (changed.length > 0 ? changed : (diffs ?? [])).sort(),
        ...findOwner(urn, (wanted ?? old)?.parent),
        ...findScopes(type, old?.inputs, wanted?.inputs),
        inputs: createHash("sha256").update(content).digest("hex"),
    };
}

/** The server or client that a resource is, or is a part of: the parents of a client's parts have its name, too. */
function findOwner(
    urn: string,
    parent: string | undefined,
): Pick<PreviewStep, "server" | "client"> {
    const [types = "", name = ""] = urn.split("::").slice(2);
    const server = types === "slipway:index:McpServer" ? name : serverOfPart(urn, parent);
    if (server !== undefined) return { server };
    const [, part] = /\$slipway:index:(?:MachineClient|InteractiveClient)(\$|$)/.exec(types) ?? [];
    if (part === undefined) return {};
    const component = part === "" ? name : (parent?.split("::").at(-1) ?? "");
    // Its name begins with that of its identity.
    return { client: component.replace(/^[^-]+-/, "") };
}

/** The scopes of a resource that assigns some to a client. */
function findScopes(type: string, old: unknown, wanted: unknown): Pick<PreviewStep, "scopes"> {
    const key = /^keycloak:openid\/client(Default|Optional)Scopes:/.exec(type)?.[1];
    if (key === undefined) return {};
    const read = (inputs: unknown) => {
        const scopes = (inputs as Record<string, unknown> | undefined)?.[
            `${key.toLowerCase()}Scopes`
        ];
        return Array.isArray(scopes) ? scopes.map(String) : [];
    };
    return { scopes: { before: read(old), after: read(wanted) } };
}

/**
 * What a branch itself changes: its steps that its base does not have as well, and steps of the base that it no longer
 * has, as `not create`, `not delete` …
 */
export function compareSteps(base: PreviewStep[], branch: PreviewStep[]): PreviewStep[] {
    const known = new Set(base.map(keyOf));
    const kept = new Set(branch.map(({ urn }) => urn));
    return [
        ...branch.filter((step) => !known.has(keyOf(step))),
        ...base
            .filter(({ urn }) => !kept.has(urn))
            .map((step) => ({ ...step, op: `not ${step.op}`, changed: [] })),
    ];
}

function keyOf({ urn, op, inputs }: PreviewStep): string {
    return JSON.stringify([urn, op, inputs]);
}
