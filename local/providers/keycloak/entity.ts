import type { CheckFailure } from "../protocol/provider.ts";
import type { Values } from "../protocol/values.ts";
import type { Connection } from "./connection.ts";
import type { Field } from "./field.ts";

/** One type of thing that Keycloak keeps, and the calls that make, find, change and remove it. */
export interface Entity {
    /** What it is called in an error, e.g. `client`. */
    noun: string;
    fields: readonly Field[];
    /** Inputs that have no field of their own in the representation. */
    otherInputs?: readonly string[];
    /** Inputs with a value whatever the program says: the official provider's. */
    defaults?: Values;
    /** Inputs that the official schema requires. */
    required?: readonly string[];
    /** Refuses combinations that the official provider refuses; inputs may hold unknowns. */
    findProblems?(inputs: Values): CheckFailure[];
    /** Property that gets a generated value when the program gives none. */
    autoname: string;
    /** Inputs whose change makes a new one. */
    replaceOn: readonly string[];
    /** Outputs that only Keycloak knows. */
    outputs: readonly string[];
    secretOutputs?: readonly string[];
    /** What fields cannot say, added to the representation that is sent. */
    finish?(inputs: Values, representation: Values): Values;
    /** What the fields cannot read. */
    readOthers?(representation: Values): Values;
    /** What `outputs` names, beyond the representation. */
    complete?(
        connection: Connection,
        inputs: Values,
        id: string,
        representation: Values,
    ): Promise<Values>;
    /** Gives the id. */
    create(connection: Connection, inputs: Values, representation: Values): Promise<string>;
    find(connection: Connection, inputs: Values, id: string): Promise<Values | undefined>;
    update(
        connection: Connection,
        inputs: Values,
        id: string,
        representation: Values,
    ): Promise<void>;
    remove(connection: Connection, inputs: Values, id: string): Promise<void>;
}
