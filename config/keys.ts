import * as z from "zod";

/** What the reference says about a key besides its type. */
interface KeyNotes {
    /** Value of a key that is left out. */
    default?: unknown;
    /** Effect of leaving the key out, where no value stands for it. */
    absent?: string;
    /** A valid value. */
    example?: unknown;
}

/** One documented key of a schema. */
export interface Key extends KeyNotes {
    /** Path with `[]` for the entries of a list: `servers[].port`. */
    path: string;
    type: string;
    required: boolean;
    /** Whether it is the required key of one form of its parent. */
    alternative: boolean;
    description: string;
    schema: z.ZodType;
}

/** A key that must be given. */
export function required<T extends z.ZodType>(
    schema: T,
    description: string,
    example?: unknown,
): T {
    return schema.meta({ description, example });
}

/** A key that may be left out. */
export function optional<T extends z.ZodType>(schema: T, description: string, notes: KeyNotes) {
    return schema.optional().meta({ description, ...notes });
}

/** Every key of an object schema, parents before children, in the order of the schema. */
export function listKeys(schema: z.ZodObject, parent = ""): Key[] {
    return Object.entries(schema.shape).flatMap(([name, value]) => {
        const path = parent === "" ? name : `${parent}.${name}`;
        const inner = unwrap(value as z.ZodType);
        const { description = "", ...notes } = (value as z.ZodType).meta() ?? {};
        const key: Key = {
            ...(notes as KeyNotes),
            path,
            type: describeType(inner),
            required: inner === value,
            alternative: false,
            description,
            schema: inner,
        };
        return [key, ...listInnerKeys(inner, path)];
    });
}

/** Keys of the object at `path`; `value` is that object, whose kind decides where there are several. */
export function findKeys(
    schema: z.ZodType,
    path: readonly PropertyKey[],
    value?: unknown,
): string[] {
    let current = unwrap(schema);
    for (const key of path) {
        if (current instanceof z.ZodArray) {
            current = unwrap(current.element as z.ZodType);
        } else {
            const options =
                current instanceof z.ZodDiscriminatedUnion ? listKinds(current) : [current];
            const inner = options.flatMap((option) =>
                option instanceof z.ZodObject
                    ? [(option as z.ZodObject<Shape>).shape[String(key)]]
                    : [],
            );
            current = unwrap(inner.find((one) => one !== undefined) ?? z.never());
        }
    }
    const chosen =
        current instanceof z.ZodDiscriminatedUnion ? chooseKind(current, value) : current;
    return chosen instanceof z.ZodObject ? Object.keys(chosen.shape) : [];
}

type Shape = Record<string, z.ZodType>;

/** The form of an object that its kind selects; the first when it names none. */
export function chooseKind(union: z.ZodDiscriminatedUnion, value: unknown): z.ZodObject {
    const { discriminator } = union.def;
    const kind = (value as Record<string, unknown> | null | undefined)?.[discriminator];
    const kinds = listKinds(union);
    const found = kinds.find(({ shape }) => shape[discriminator]?.safeParse(kind).success);
    return found ?? kinds[0]!;
}

function listKinds(union: z.ZodDiscriminatedUnion): z.ZodObject<Shape>[] {
    return union.options as unknown as z.ZodObject<Shape>[];
}

/** Every key of an object of several kinds, once; those that not every kind has say which has them. */
function listKeysOfKinds(union: z.ZodDiscriminatedUnion, path: string): Key[] {
    const { discriminator } = union.def;
    const kinds = listKinds(union).map((option) => ({
        kind: describeType(option.shape[discriminator]!),
        keys: listKeys(option, path),
    }));
    const all = kinds.flatMap(({ keys }) => keys);
    const paths = [...new Set(all.map((key) => key.path))];
    return paths.map((own) => {
        const having = kinds.filter(({ keys }) => keys.some((key) => key.path === own));
        const key = all.find((one) => one.path === own)!;
        if (own === `${path}.${discriminator}`) {
            const described = having.map(({ kind, keys }) => `${kind}: ${keys[0]!.description}`);
            const type = having.map(({ kind }) => kind).join(" or ");
            return { ...key, type, description: described.join("; ") };
        }
        const only = having.map(({ kind }) => kind).join(" and ");
        const isInner = /[.[]/.test(own.slice(path.length + 1));
        return isInner || having.length === kinds.length
            ? key
            : { ...key, description: `${key.description} (kind ${only})` };
    });
}

function listInnerKeys(schema: z.ZodType, path: string): Key[] {
    if (schema instanceof z.ZodObject) {
        return listKeys(schema, path);
    }
    if (schema instanceof z.ZodArray) {
        return listInnerKeys(schema.element as z.ZodType, `${path}[]`);
    }
    if (schema instanceof z.ZodDiscriminatedUnion) {
        return listKeysOfKinds(schema, path);
    }
    return schema instanceof z.ZodUnion
        ? schema.options
              .flatMap((option) => listInnerKeys(option as z.ZodType, path))
              .map((key) => ({ ...key, alternative: key.required }))
        : [];
}

/** Name of a type, as the reference and `Pulumi.yaml` have it. */
export function describeType(schema: z.ZodType): string {
    if (schema instanceof z.ZodDiscriminatedUnion) {
        return "object";
    }
    if (schema instanceof z.ZodUnion) {
        const options = schema.options as z.ZodType[];
        return options
            .map((option) =>
                option instanceof z.ZodObject
                    ? `{ ${Object.keys(option.shape).join(", ")} }`
                    : describeType(option),
            )
            .join(" or ");
    }
    if (schema instanceof z.ZodLiteral || schema instanceof z.ZodEnum) {
        const values = schema instanceof z.ZodEnum ? schema.options : [...schema.values];
        return values.map((value) => `\`${String(value)}\``).join(" or ");
    }
    if (schema instanceof z.ZodArray) {
        const element = unwrap(schema.element as z.ZodType);
        return `list of ${pluralOf(describeType(element))}`;
    }
    if (schema instanceof z.ZodRecord) {
        return `map of ${pluralOf(describeType(unwrap(schema.valueType as z.ZodType)))}`;
    }
    if (schema instanceof z.ZodNumber) {
        return schema.format === "safeint" ? "integer" : "number";
    }
    return schema instanceof z.ZodObject ? "object" : schema.type === "lazy" ? "any" : schema.type;
}

function pluralOf(type: string): string {
    return /^(string|number|integer|boolean|object)$/.test(type) ? `${type}s` : type;
}

function unwrap(schema: z.ZodType): z.ZodType {
    return schema instanceof z.ZodOptional ? unwrap(schema.unwrap() as z.ZodType) : schema;
}
