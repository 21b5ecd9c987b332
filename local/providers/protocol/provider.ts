import type { Difference } from "./difference.ts";
import type { ResourceLog } from "./engineLog.ts";
import type { Values } from "./values.ts";

/** What every operation on a resource is told. */
export interface Operation {
    /** The engine's name for the resource, unique over stacks and projects. */
    urn: string;
    /** Name of the resource in the program, the base of generated names. */
    name: string;
    /** Type token, e.g. `random:index/randomPassword:RandomPassword`. */
    type: string;
    /** Lines shown beside the resource while the operation runs. */
    log: ResourceLog;
    /** Aborted when the user cancels the update. */
    signal: AbortSignal;
    /** Aborted when another resource of the update failed: the engine then starts nothing more. */
    othersFailed: AbortSignal;
    /** Seconds from `customTimeouts`; 0 when the program set none. */
    timeoutSeconds: number;
}

export interface CheckOperation extends Operation {
    oldInputs: Values;
    inputs: Values;
    /** Same bytes at every check of one resource in one update, so that generated names are stable. */
    randomSeed: Uint8Array;
    /** Name the engine's own autonaming configuration proposes or forbids. */
    autonaming?: { mode: "propose" | "enforce" | "disable"; proposedName: string };
}

/** Why an input is refused. */
export interface CheckFailure {
    /** The input, as a path like `build.target`. */
    property: string;
    reason: string;
}

export interface CheckResult {
    /** The inputs, completed: what diff, create and update are given. */
    inputs: Values;
    failures?: CheckFailure[];
    /** Input properties, as paths like `registry.password`, that are secret whatever the program says. */
    secretInputs?: readonly string[];
}

export interface DiffOperation extends Operation {
    id: string;
    oldInputs: Values;
    oldOutputs: Values;
    inputs: Values;
}

export interface CreateOperation extends Operation {
    inputs: Values;
    /** True in a preview: nothing may change anywhere, and inputs may hold unknowns. */
    preview: boolean;
}

export interface UpdateOperation extends DiffOperation {
    preview: boolean;
}

export interface ReadOperation extends Operation {
    id: string;
    /** Absent when the resource is only looked up, as with `.get()` and import. */
    oldInputs?: Values;
    oldOutputs: Values;
}

export interface DeleteOperation extends Operation {
    id: string;
    inputs: Values;
    outputs: Values;
}

/** A resource as it stands outside. */
export interface LiveResource {
    id: string;
    inputs: Values;
    outputs: Values;
    /** Why the resource, although it exists, is not ready. */
    problems?: string[];
}

/** How one type of resource lives. Every value given and returned is open; the server keeps secrets closed. */
export interface ResourceType {
    /** Outputs that are secret whatever the inputs were. */
    readonly secretOutputs: readonly string[];
    check(operation: CheckOperation): CheckResult | Promise<CheckResult>;
    diff(operation: DiffOperation): Difference | Promise<Difference>;
    create(operation: CreateOperation): Promise<{ id: string; outputs: Values }>;
    update(operation: UpdateOperation): Promise<Values>;
    /** Undefined when the resource is gone. */
    read(operation: ReadOperation): Promise<LiveResource | undefined>;
    /** Ends only when the resource is gone. */
    delete(operation: DeleteOperation): Promise<void>;
}

/** A stand-in for the official plugin of one package. */
export interface Provider {
    /** Name of the Pulumi package, e.g. `random`. */
    readonly name: string;
    /** Makes the resource types of one configured provider; called once a connection of the engine. */
    configure(config: Values): Promise<Types> | Types;
}

/** Finds a resource type by token; undefined when this stand-in does not know it. */
export type Types = (type: string) => ResourceType | undefined;

/** Line of a stand-in's stdin that says that a resource of the running update failed. */
export const failureLine = "update failed";
