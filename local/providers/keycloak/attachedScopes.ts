import type KeycloakAdminClient from "@keycloak/keycloak-admin-client";

import { differenceOf, startsWithAny } from "../protocol/difference.ts";
import type { ResourceType } from "../protocol/provider.ts";
import { findMissing, findUnsupported } from "../protocol/inputRules.ts";
import { textOf, textsOf } from "../protocol/values.ts";
import type { Values } from "../protocol/values.ts";
import { isNotFound } from "./connection.ts";
import type { Connection } from "./connection.ts";

/** How a scope is attached to a client: `default` scopes are in every token, `optional` ones on request. */
export type Attachment = "default" | "optional";

interface Scope {
    id: string;
    name: string;
}

/**
 * `keycloak.openid.ClientDefaultScopes` and `ClientOptionalScopes`. The list is complete: scopes that a new client has
 * by default are detached unless listed.
 */
export function attachedScopesType(connection: Connection, attachment: Attachment): ResourceType {
    const property = attachment === "default" ? "defaultScopes" : "optionalScopes";
    const attach = async (inputs: Values, names: readonly string[]): Promise<void> => {
        const client = clientOf(inputs);
        const what = `set the ${attachment} scopes of client '${client.id}' of realm '${client.realm}'`;
        await connection.run(what, (keycloak) => reconcile(keycloak, client, attachment, names));
    };
    const put = async (inputs: Values, preview: boolean): Promise<Values> => {
        if (!preview) await attach(inputs, textsOf(inputs, property));
        return inputs;
    };
    return {
        secretOutputs: [],
        check: ({ inputs }) => {
            const known = ["realmId", "clientId", property];
            const failures = [
                ...findUnsupported("keycloak", inputs, known),
                ...findMissing(known, inputs),
            ];
            return { inputs, failures };
        },
        diff: ({ oldInputs, inputs }) => ({
            ...differenceOf(sorted(oldInputs, property), sorted(inputs, property), (path) =>
                startsWithAny(["realmId", "clientId"])(path),
            ),
            deleteBeforeReplace: true,
        }),
        create: async ({ inputs, preview }) => {
            const outputs = await put(inputs, preview);
            const { realm, id } = clientOf(inputs);
            return { id: preview ? "" : `${realm}/${id}`, outputs };
        },
        update: ({ inputs, preview }) => put(inputs, preview),
        read: async ({ id, oldInputs }) => {
            const [realmId = "", clientId = ""] = id.split("/");
            const inputs = oldInputs ?? { realmId, clientId };
            const client = clientOf(inputs);
            const found = await connection
                .run(`read the ${attachment} scopes of client '${client.id}'`, (keycloak) =>
                    listAttached(keycloak, client, attachment),
                )
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
                await attach(inputs, []);
            } catch (error) {
                if (!isNotFound(error)) throw error;
            }
        },
    };
}

function clientOf(inputs: Values): { realm: string; id: string } {
    return { realm: textOf(inputs, "realmId") ?? "", id: textOf(inputs, "clientId") ?? "" };
}

function sorted(inputs: Values, property: string): Values {
    const value = inputs[property];
    return Array.isArray(value) ? { ...inputs, [property]: [...value].sort() } : inputs;
}

async function listAttached(
    keycloak: KeycloakAdminClient,
    client: { realm: string; id: string },
    attachment: Attachment,
): Promise<Scope[]> {
    const found =
        attachment === "default"
            ? await keycloak.clients.listDefaultClientScopes(client)
            : await keycloak.clients.listOptionalClientScopes(client);
    return found.map(({ id = "", name = "" }) => ({ id, name }));
}

async function reconcile(
    keycloak: KeycloakAdminClient,
    client: { realm: string; id: string },
    attachment: Attachment,
    names: readonly string[],
): Promise<void> {
    const other = attachment === "default" ? "optional" : "default";
    const attached = await listAttached(keycloak, client, attachment);
    const elsewhere = await listAttached(keycloak, client, other);
    const all = names.length === 0 ? [] : await keycloak.clientScopes.find({ realm: client.realm });
    const wanted = names.map((name) => {
        const scope = all.find((one) => one.name === name);
        if (scope?.id !== undefined) return { id: scope.id, name };
        throw new Error(`there is no client scope '${name}' in realm '${client.realm}'`);
    });
    for (const { id, name } of attached)
        if (!names.includes(name)) await detach(keycloak, client, attachment, id);
    for (const { id, name } of wanted) {
        if (attached.some((scope) => scope.name === name)) continue;
        // Keycloak ignores a scope that is already attached to the client in the other way.
        if (elsewhere.some((scope) => scope.name === name))
            await detach(keycloak, client, other, id);
        const addition = { ...client, clientScopeId: id };
        if (attachment === "default") await keycloak.clients.addDefaultClientScope(addition);
        else await keycloak.clients.addOptionalClientScope(addition);
    }
}

async function detach(
    keycloak: KeycloakAdminClient,
    client: { realm: string; id: string },
    attachment: Attachment,
    clientScopeId: string,
): Promise<void> {
    const removal = { ...client, clientScopeId };
    if (attachment === "default") await keycloak.clients.delDefaultClientScope(removal);
    else await keycloak.clients.delOptionalClientScope(removal);
}
