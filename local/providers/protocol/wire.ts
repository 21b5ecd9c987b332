import { isValues } from "./values.ts";
import type { Value, Values } from "./values.ts";

// Fixed by the engine's protocol: an object with this key represents a special value.
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

interface SecretValue extends Values {
    value: Value;
}

/** Unwraps all secrets of properties received from the engine; drops undefined entries. */
export function openSecrets(wire: Values): Values {
    const opened: Values = {};
    for (const [key, value] of Object.entries(wire)) {
        if (value !== null && value !== undefined) opened[key] = openSecret(value);
    }
    return opened;
}

function openSecret(value: Value): Value {
    if (Array.isArray(value)) return value.map((entry) => openSecret(entry));
    if (!isValues(value)) return value;
    return isSecret(value) ? openSecret(value.value) : openSecrets(value);
}

/**
 * Wraps secrets before properties are sent to the engine: every named property (`a.b` is `b` in `a`), and every value
 * that was secret in one of `models` (properties as received from the engine).
 */
export function closeSecrets(
    values: Values,
    models: readonly Values[],
    names: readonly string[],
): Values {
    let closed: Value = values;
    for (const model of models) closed = closeLike(closed, model);
    for (const name of names) closed = closeAt(closed, name.split("."));
    return closed as Values;
}

function closeAt(value: Value, path: readonly string[]): Value {
    const [key, ...rest] = path;
    if (key === undefined) return isSecret(value) ? value : makeSecret(value);
    if (!isValues(value) || isSecret(value)) return value;
    const inner = value[key];
    return inner === undefined ? value : { ...value, [key]: closeAt(inner, rest) };
}

function closeLike(value: Value, model: Value): Value {
    if (isSecret(value)) return value;
    if (isSecret(model)) return makeSecret(value);
    if (Array.isArray(value) && Array.isArray(model)) {
        // Entries may have moved, so one secret makes the whole list secret.
        if (value.length !== model.length)
            return model.some(holdsSecret) ? makeSecret(value) : value;
        return value.map((entry, index) => closeLike(entry, model[index] ?? null));
    }
    if (isValues(value) && isValues(model)) {
        return Object.fromEntries(
            Object.entries(value).map(([key, entry]) => [
                key,
                closeLike(entry, model[key] ?? null),
            ]),
        );
    }
    return value;
}

function holdsSecret(value: Value): boolean {
    if (isSecret(value)) return true;
    if (Array.isArray(value)) return value.some(holdsSecret);
    return isValues(value) && Object.values(value).some(holdsSecret);
}

function isSecret(value: Value): value is SecretValue {
    return isValues(value) && value[signatureKey] === secretSignature;
}

function makeSecret(value: Value): Values {
    return { [signatureKey]: secretSignature, value };
}
