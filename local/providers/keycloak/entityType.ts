import { createHash } from "node:crypto";

import { differenceOf, startsWithAny } from "../protocol/difference.ts";
import type { CheckOperation, CheckResult, ResourceType } from "../protocol/provider.ts";
import { findMissing, findUnsupported } from "../protocol/inputRules.ts";
import { containsUnknown, textOf, unknown, without } from "../protocol/values.ts";
import type { Values } from "../protocol/values.ts";
import { isNotFound } from "./connection.ts";
import type { Connection } from "./connection.ts";
import { chooseId } from "./chooseId.ts";
import type { Entity } from "./entity.ts";
import { readFields, writeFields } from "./field.ts";

/** Resource type of one entity type in a Keycloak. */
export function entityType(connection: Connection, entity: Entity): ResourceType {
    const { fields, secretOutputs = [], createOnly = [] } = entity;
    const represent = (inputs: Values, from: Values, before?: Values): Values => {
        const written = writeFields(fields, inputs, from, before);
        return entity.finish?.(inputs, written) ?? written;
    };
    const find = async (inputs: Values, id: string): Promise<Values | undefined> =>
        entity.find(connection, inputs, id).catch((error: unknown) => {
            if (isNotFound(error)) return undefined;
            throw error;
        });
    const outputsOf = async (inputs: Values, id: string): Promise<Values> => {
        const found = (await find(inputs, id)) ?? {};
        const live = { ...readFields(fields, inputs, found), ...entity.readOthers?.(found) };
        const more = await entity.complete?.(connection, inputs, id, found);
        return { ...live, ...inputs, ...more };
    };
    return {
        secretOutputs,
        check: (operation) => checkEntity(entity, operation),
        diff: ({ oldInputs, inputs }) => ({
            ...differenceOf(
                without(oldInputs, ...createOnly),
                without(inputs, ...createOnly),
                startsWithAny(entity.replaceOn),
            ),
            deleteBeforeReplace: true,
        }),
        create: async ({ inputs, preview, urn }) => {
            if (preview) return { id: "", outputs: later(entity, inputs) };
            const id = await entity.create(
                connection,
                inputs,
                represent(inputs, {}),
                chooseId(
                    urn,
                    entity.replaceOn.map((name) => inputs[name]),
                ),
            );
            return { id, outputs: await outputsOf(inputs, id) };
        },
        update: async ({ id, inputs, oldInputs, oldOutputs, preview }) => {
            if (preview) return { ...later(entity, inputs), ...pick(oldOutputs, entity.outputs) };
            const current = await find(inputs, id);
            if (current === undefined)
                throw new Error(
                    `${entity.noun} '${id}' is gone from Keycloak; run 'pulumi refresh', then 'pulumi up'`,
                );
            await entity.update(connection, inputs, id, represent(inputs, current, oldInputs));
            return outputsOf(inputs, id);
        },
        read: async ({ id: given, oldInputs = {} }) => {
            // An import id includes the realm: `realm/id`, or what else identifies it there.
            const [first = "", ...rest] = given.split("/");
            const [second] = rest;
            const named = rest.length > 1 ? await entity.findId?.(connection, first, rest) : second;
            const id = named ?? (rest.length === 0 ? first : "");
            if (id === "") return undefined;
            const inputs = second === undefined ? oldInputs : { realmId: first, ...oldInputs };
            const found = await find(inputs, id);
            if (found === undefined) return undefined;
            const live = { ...readFields(fields, inputs, found), ...entity.readOthers?.(found) };
            const known = Object.keys(oldInputs).length > 0;
            const kept = pick(inputs, [...(entity.otherInputs ?? []), "realmId"]);
            const drifted = known ? pick(live, Object.keys(oldInputs)) : live;
            const outputs = await outputsOf({ ...inputs, ...drifted }, id);
            return { id, inputs: { ...kept, ...drifted }, outputs };
        },
        delete: async ({ id, inputs }) => {
            try {
                await entity.remove(connection, inputs, id);
            } catch (error) {
                if (!isNotFound(error)) throw error;
            }
        },
    };
}

function checkEntity(entity: Entity, operation: CheckOperation): CheckResult {
    const given: Values = { ...entity.defaults, ...operation.inputs };
    const inputs = entity.prepare?.(given) ?? given;
    const suffix = createHash("sha256").update(operation.randomSeed).digest("hex").slice(0, 7);
    inputs[entity.autoname] ??=
        textOf(operation.oldInputs, entity.autoname) ?? `${operation.name}-${suffix}`;
    const known = [...entity.fields.map(({ property }) => property), ...(entity.otherInputs ?? [])];
    const failures = [
        ...findUnsupported("keycloak", inputs, known),
        ...findMissing(entity.required ?? [], inputs),
        ...(entity.findProblems?.(inputs) ?? []),
    ];
    // Invalid values are reported before anything is created.
    const clear = Object.entries(inputs).filter(([, value]) => !containsUnknown(value));
    if (failures.length === 0) writeFields(entity.fields, Object.fromEntries(clear), {});
    return { inputs, failures };
}

function later({ outputs }: Entity, inputs: Values): Values {
    return { ...Object.fromEntries(outputs.map((name) => [name, unknown])), ...inputs };
}

function pick(values: Values, names: readonly string[]): Values {
    return Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)));
}
