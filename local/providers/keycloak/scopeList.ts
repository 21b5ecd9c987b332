import type KeycloakAdminClient from "@keycloak/keycloak-admin-client";

import { differenceOf, startsWithAny } from "../protocol/difference.ts";
import { findMissing, findUnsupported } from "../protocol/inputRules.ts";
import type { ResourceType } from "../protocol/provider.ts";
import { textsOf } from "../protocol/values.ts";
import type { Values } from "../protocol/values.ts";
import { isNotFound } from "./connection.ts";
import type { Connection } from "./connection.ts";

/** How scopes are attached: `default` scopes are in every token, `optional` ones on request. */
export type Attachment = "default" | "optional";

export interface Scope {
    id: string;
    name: string;
}

/** A list of scopes, and the calls that change it. */
export interface ScopeList {
    /** Noun in error messages, with the names of what has the list. */
    describe(inputs: Values): string;
    /** Input with the names of the scopes. */
    property: string;
    /** Inputs that say what has the list; a change of one replaces the resource. */
    owner: readonly string[];
    /** The id of the resource. */
    idOf(inputs: Values): string;
    /** The inputs of an imported resource. */
    ownerOf(id: string): Values;
    realmOf(inputs: Values): string;
    list(keycloak: KeycloakAdminClient, inputs: Values): Promise<Scope[]>;
    /** Makes room for a scope before it is added, where Keycloak needs that. */
    prepare?(keycloak: KeycloakAdminClient, inputs: Values, scope: Scope): Promise<void>;
    add(keycloak: KeycloakAdminClient, inputs: Values, scope: Scope): Promise<void>;
    remove(keycloak: KeycloakAdminClient, inputs: Values, scope: Scope): Promise<void>;
}

/** Resource type of a list of scopes. The list is complete: Keycloak's own entries are removed unless listed. */
export function scopeListType(connection: Connection, list: ScopeList): ResourceType {
    const { property, owner } = list;
    const known = [...owner, property];
    const reconcile = (inputs: Values, names: readonly string[]): Promise<void> =>
        connection.run(`set ${list.describe(inputs)}`, (keycloak) =>
            reconcileScopes(keycloak, list, inputs, names),
        );
    const put = async (inputs: Values, preview: boolean): Promise<Values> => {
        if (!preview) await reconcile(inputs, textsOf(inputs, property));
        return inputs;
    };
    return {
        secretOutputs: [],
        check: ({ inputs }) => {
            const failures = [
                ...findUnsupported("keycloak", inputs, known),
                ...findMissing(known, inputs),
            ];
            return { inputs, failures };
        },
        diff: ({ oldInputs, inputs }) => ({
            ...differenceOf(sorted(oldInputs, property), sorted(inputs, property), (path) =>
                startsWithAny(owner)(path),
            ),
            deleteBeforeReplace: true,
        }),
        create: async ({ inputs, preview }) => {
            const outputs = await put(inputs, preview);
            return { id: preview ? "" : list.idOf(inputs), outputs };
        },
        update: ({ inputs, preview }) => put(inputs, preview),
        read: async ({ id, oldInputs }) => {
            const inputs = oldInputs ?? list.ownerOf(id);
            const found = await connection
                .run(`read ${list.describe(inputs)}`, (keycloak) => list.list(keycloak, inputs))
                .catch((error: unknown) => {
                    if (isNotFound(error)) return undefined;
                    throw error;
                });
            if (found === undefined) return undefined;
            const live = found.map(({ name }) => name).sort();
            const said = textsOf(inputs, property);
            const same = [...said].sort().join(" ") === live.join(" ");
            const values = { ...inputs, [property]: same ? said : live };
            return { id, inputs: values, outputs: values };
        },
        delete: async ({ inputs }) => {
            try {
                await reconcile(inputs, []);
            } catch (error) {
                if (!isNotFound(error)) throw error;
            }
        },
    };
}

function sorted(inputs: Values, property: string): Values {
    const value = inputs[property];
    return Array.isArray(value) ? { ...inputs, [property]: [...value].sort() } : inputs;
}

async function reconcileScopes(
    keycloak: KeycloakAdminClient,
    list: ScopeList,
    inputs: Values,
    names: readonly string[],
): Promise<void> {
    const realm = list.realmOf(inputs);
    const listed = await list.list(keycloak, inputs);
    const all = names.length === 0 ? [] : await keycloak.clientScopes.find({ realm });
    const wanted = names.map((name) => {
        const scope = all.find((one) => one.name === name);
        if (scope?.id !== undefined) return { id: scope.id, name };
        throw new Error(`there is no client scope '${name}' in realm '${realm}'`);
    });
    for (const scope of listed) {
        if (!names.includes(scope.name)) await list.remove(keycloak, inputs, scope);
    }
    for (const scope of wanted) {
        if (listed.some(({ name }) => name === scope.name)) continue;
        await list.prepare?.(keycloak, inputs, scope);
        await list.add(keycloak, inputs, scope);
    }
}

/** Scopes of an answer of the API. */
export function scopesOf(found: { id?: string; name?: string }[]): Scope[] {
    return found.map(({ id = "", name = "" }) => ({ id, name }));
}
