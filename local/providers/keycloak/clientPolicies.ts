import type KeycloakAdminClient from "@keycloak/keycloak-admin-client";

import { differenceOf, startsWithAny } from "../protocol/difference.ts";
import { findMissing, findUnsupported } from "../protocol/inputRules.ts";
import type { ResourceType } from "../protocol/provider.ts";
import { isValues, objectOf, textOf } from "../protocol/values.ts";
import type { Value, Values } from "../protocol/values.ts";
import { isNotFound } from "./connection.ts";
import type { Connection } from "./connection.ts";

/** Entries of one of the two lists that a realm keeps of its client policies. */
interface Kind {
    noun: string;
    /** Part of the ids of the official provider. */
    idPart: string;
    inputs: readonly string[];
    defaults: Values;
    required: readonly string[];
    /** Inputs whose change replaces the entry. */
    replaceOn: readonly string[];
    /** The property with the steps of an entry, and their key in Keycloak. */
    steps: { property: string; key: string };
    list(keycloak: KeycloakAdminClient, realm: string): Promise<Values[]>;
    put(keycloak: KeycloakAdminClient, realm: string, entries: Values[]): Promise<void>;
}

/** `keycloak.RealmClientPolicyProfile`: what is done with the clients of a policy. */
export const clientProfile: Kind = {
    noun: "client profile",
    idPart: "realm-client-policy-profiles",
    inputs: ["realmId", "name", "description", "executors"],
    defaults: {},
    required: ["realmId"],
    replaceOn: ["realmId", "name"],
    steps: { property: "executors", key: "executor" },
    list: async ({ clientPolicies }, realm) =>
        entriesOf(await clientPolicies.listProfiles({ realm }), "profiles"),
    put: ({ clientPolicies }, realm, profiles) =>
        clientPolicies.createProfiles({ realm, profiles }),
};

/** `keycloak.RealmClientPolicyProfilePolicy`: the clients to which profiles apply. */
export const clientPolicy: Kind = {
    noun: "client policy",
    idPart: "realm-client-policy-profile-policies",
    inputs: ["realmId", "name", "description", "enabled", "conditions", "profiles"],
    defaults: { enabled: true },
    required: ["realmId", "profiles"],
    replaceOn: ["realmId", "name", "profiles"],
    steps: { property: "conditions", key: "condition" },
    list: async ({ clientPolicies }, realm) =>
        entriesOf(await clientPolicies.listPolicies({ realm }), "policies"),
    put: ({ clientPolicies }, realm, policies) => clientPolicies.updatePolicy({ realm, policies }),
};

/**
 * Resource type of the entries of a kind. Keycloak reads and writes whole lists: other entries stay, but two changes at
 * the same time may lose one, as with the official provider.
 */
export function clientPolicyType(connection: Connection, kind: Kind): ResourceType {
    const change = (inputs: Values, entry: Values | undefined, old = inputs): Promise<void> => {
        const { realm, name } = placeOf(old);
        return connection.run(
            `change ${kind.noun} '${name}' of realm '${realm}'`,
            async (keycloak) => {
                const others = (await kind.list(keycloak, realm)).filter(
                    (one) => one.name !== name,
                );
                await kind.put(keycloak, realm, entry === undefined ? others : [...others, entry]);
            },
        );
    };
    const put = async (inputs: Values, preview: boolean): Promise<Values> => {
        if (!preview) await change(inputs, represent(kind, inputs));
        return inputs;
    };
    return {
        secretOutputs: [],
        check: ({ inputs: given, name, oldInputs }) => {
            const inputs: Values = { ...kind.defaults, ...given };
            inputs.name ??= textOf(oldInputs, "name") ?? name;
            const failures = [
                ...findUnsupported("keycloak", inputs, kind.inputs),
                ...findMissing(kind.required, inputs),
            ];
            return { inputs, failures };
        },
        diff: ({ oldInputs, inputs }) => ({
            ...differenceOf(oldInputs, inputs, startsWithAny(kind.replaceOn)),
            deleteBeforeReplace: true,
        }),
        create: async ({ inputs, preview }) => {
            const outputs = await put(inputs, preview);
            const { realm, name } = placeOf(inputs);
            return { id: preview ? "" : `${realm}/${kind.idPart}/${name}`, outputs };
        },
        update: ({ inputs, preview }) => put(inputs, preview),
        read: async ({ id, oldInputs }) => {
            if (oldInputs === undefined) throw new Error(`${kind.noun}: cannot be imported`);
            const { realm, name } = placeOf(oldInputs);
            const found = await connection
                .run(`read ${kind.noun} '${name}' of realm '${realm}'`, (keycloak) =>
                    kind.list(keycloak, realm),
                )
                .catch((error: unknown) => {
                    if (isNotFound(error)) return [];
                    throw error;
                });
            const entry = found.find((one) => one.name === name);
            if (entry === undefined) return undefined;
            const values = readEntry(kind, oldInputs, entry);
            return { id, inputs: values, outputs: values };
        },
        delete: async ({ inputs }) => {
            try {
                await change(inputs, undefined);
            } catch (error) {
                if (!isNotFound(error)) throw error;
            }
        },
    };
}

function placeOf(inputs: Values): { realm: string; name: string } {
    return { realm: textOf(inputs, "realmId") ?? "", name: textOf(inputs, "name") ?? "" };
}

function entriesOf(answer: unknown, list: string): Values[] {
    return listOf((answer as Values)[list]);
}

function listOf(value: Value | undefined): Values[] {
    return Array.isArray(value) ? value.filter(isValues) : [];
}

/** Keycloak's form of an entry. Texts that are JSON lists or objects are sent as such. */
function represent({ steps }: Kind, inputs: Values): Values {
    const all = listOf(inputs[steps.property]);
    const plain = Object.entries(inputs).filter(([property]) => property !== "realmId");
    return {
        ...Object.fromEntries(plain),
        [steps.property]: all.map((step) => ({
            [steps.key]: step.name ?? "",
            configuration: Object.fromEntries(
                Object.entries(objectOf(step, "configuration")).map(([key, value]) => [
                    key,
                    typeof value === "string" && /^[[{]/.test(value)
                        ? (JSON.parse(value) as Value)
                        : value,
                ]),
            ),
        })),
    };
}

/** The inputs that would make an entry; equivalent ones keep the notation of `inputs`. */
function readEntry({ steps, inputs: known }: Kind, inputs: Values, entry: Values): Values {
    const given = listOf(inputs[steps.property]);
    const read = listOf(entry[steps.property]).map((step, index) => {
        const said = given[index];
        const wanted = said === undefined ? {} : objectOf(said, "configuration");
        const configuration = Object.entries(objectOf(step, "configuration"))
            // Keycloak completes configurations with the defaults of its own.
            .filter(([key]) => key in wanted)
            .map(([key, value]) => [
                key,
                typeof value === "string" ? value : JSON.stringify(value),
            ]);
        return {
            name: step[steps.key] ?? "",
            ...(said !== undefined && "configuration" in said
                ? { configuration: Object.fromEntries(configuration) as Values }
                : {}),
        };
    });
    const plain = known.filter((property) => property in inputs && property !== steps.property);
    return {
        ...Object.fromEntries(
            plain.map((property) => [property, entry[property] ?? inputs[property] ?? null]),
        ),
        ...(steps.property in inputs && { [steps.property]: read }),
    };
}
