import type { CheckFailure } from "../protocol/provider.ts";
import type { Values } from "../protocol/values.ts";
import type { Connection } from "./connection.ts";
import type { Field } from "./field.ts";

/** An entity type of Keycloak, with its calls to create, find, update and delete. */
export interface Entity {
    /** Noun in error messages, e.g. `client`. */
    noun: string;
    fields: readonly Field[];
    /** Inputs without a field in the representation. */
    otherInputs?: readonly string[];
    /** Default values of the official provider. */
    defaults?: Values;
    /** Adds default values of nested inputs. */
    prepare?(inputs: Values): Values;
    /** Inputs that the official schema requires. */
    required?: readonly string[];
    /** Refuses combinations that the official provider refuses; inputs may hold unknowns. */
    findProblems?(inputs: Values): CheckFailure[];
    /** Property that is generated when the program omits it. */
    autoname: string;
    /** Inputs that only a creation applies; later changes are ignored. */
    createOnly?: readonly string[];
    /** Inputs whose change replaces the entity. */
    replaceOn: readonly string[];
    /** Outputs computed by Keycloak. */
    outputs: readonly string[];
    secretOutputs?: readonly string[];
    /** Adds what fields cannot express to the representation that is sent. */
    finish?(inputs: Values, representation: Values): Values;
    /** Reads the properties that fields cannot. */
    readOthers?(representation: Values): Values;
    /** Fetches `outputs` that the representation does not contain. */
    complete?(
        connection: Connection,
        inputs: Values,
        id: string,
        representation: Values,
    ): Promise<Values>;
    /** Creates the entity with the id `id` where Keycloak lets the caller choose it; returns the id. */
    create(
        connection: Connection,
        inputs: Values,
        representation: Values,
        id: string,
    ): Promise<string>;
    /** The id of an existing entity from what identifies it in its realm, where the official provider imports by that. */
    findId?(
        connection: Connection,
        realm: string,
        identifiers: readonly string[],
    ): Promise<string | undefined>;
    find(connection: Connection, inputs: Values, id: string): Promise<Values | undefined>;
    update(
        connection: Connection,
        inputs: Values,
        id: string,
        representation: Values,
    ): Promise<void>;
    remove(connection: Connection, inputs: Values, id: string): Promise<void>;
}
