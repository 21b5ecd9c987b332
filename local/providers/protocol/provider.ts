import type { Difference } from "./difference.ts";
import type { ResourceLog } from "./engineLog.ts";
import type { Values } from "./values.ts";

/** Parameters of every operation on a resource. */
export interface Operation {
    /** URN of the resource, unique over stacks and projects. */
    urn: string;
    /** Logical name of the resource, the prefix of generated names. */
    name: string;
    /** Type token, e.g. `random:index/randomPassword:RandomPassword`. */
    type: string;
    /** Log shown beside the resource during the operation. */
    log: ResourceLog;
    /** Aborted when the user cancels the update. */
    signal: AbortSignal;
    /** Aborted when another resource of the update failed: the engine then starts no further operations. */
    othersFailed: AbortSignal;
    /** Seconds from `customTimeouts`; 0 when the program set none. */
    timeoutSeconds: number;
}

export interface CheckOperation extends Operation {
    oldInputs: Values;
    inputs: Values;
    /** The same in every check of a resource during an update, so that generated names are stable. */
    randomSeed: Uint8Array;
    /** The engine's autonaming configuration, and the name it proposes. */
    autonaming?: { mode: "propose" | "enforce" | "disable"; proposedName: string };
}

/** Why an input is refused. */
export interface CheckFailure {
    /** The input, as a path like `build.target`. */
    property: string;
    reason: string;
}

export interface CheckResult {
    /** The completed inputs, which are passed to diff, create and update. */
    inputs: Values;
    failures?: CheckFailure[];
    /** Input properties that are always secret, as paths like `registry.password`. */
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
    /** Whether this is a preview: nothing may be changed, and inputs may contain unknowns. */
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

/** The actual state of a resource. */
export interface LiveResource {
    id: string;
    inputs: Values;
    outputs: Values;
    /** Reasons why the existing resource is not ready. */
    problems?: string[];
}

/** Operations of one resource type. All values passed and returned are plain; the server unwraps and wraps secrets. */
export interface ResourceType {
    /** Outputs that are always secret. */
    readonly secretOutputs: readonly string[];
    check(operation: CheckOperation): CheckResult | Promise<CheckResult>;
    diff(operation: DiffOperation): Difference | Promise<Difference>;
    create(operation: CreateOperation): Promise<{ id: string; outputs: Values }>;
    update(operation: UpdateOperation): Promise<Values>;
    /** Reads the resource; undefined when it is gone. */
    read(operation: ReadOperation): Promise<LiveResource | undefined>;
    /** Deletes the resource, and returns when it is gone. */
    delete(operation: DeleteOperation): Promise<void>;
}

/** A stand-in for the official plugin of one package. */
export interface Provider {
    /** Name of the Pulumi package, e.g. `random`. */
    readonly name: string;
    /** Returns what a configured provider serves; called once per connection of the engine. */
    configure(config: Values): Promise<Configured> | Configured;
}

/** Resource types and functions of a configured provider. */
export interface Configured {
    types: Types;
    /**
     * Functions by token, such as `keycloak:index/getRole:getRole`; they only read.
     *
     * @default none
     */
    functions?: ReadonlyMap<string, (args: Values) => Promise<Values>>;
}

/** Finds a resource type by token; undefined when this stand-in does not know it. */
export type Types = (type: string) => ResourceType | undefined;

/** Line on a stand-in's stdin: a resource of the running update failed. */
export const failureLine = "update failed";
