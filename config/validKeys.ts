import * as z from "zod";

/**
 * The keys of an object whose values have the right type: the rules check these even when another key is wrong, so that
 * all problems are reported at once.
 */
export function readValidKeys<Schema extends z.ZodObject>(
    schema: Schema,
    value: unknown,
): Partial<z.infer<Schema>> {
    if (typeof value !== "object" || value === null) {
        return {};
    }
    const entries = Object.entries(schema.shape as Record<string, z.ZodType>).map(
        ([key, inner]) => [key, readValid(inner, (value as Record<string, unknown>)[key])] as const,
    );
    return Object.fromEntries(entries.filter(([, data]) => data !== undefined)) as Partial<
        z.infer<Schema>
    >;
}

function readValid(schema: z.ZodType, value: unknown): unknown {
    const { data, success } = schema.safeParse(value);
    const inner = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
    // Without a required key, rules would complain of its absence.
    return !success && value !== undefined && inner instanceof z.ZodObject && isAllOptional(inner)
        ? readValidKeys(inner, value)
        : data;
}

function isAllOptional({ shape }: z.ZodObject): boolean {
    return Object.values(shape).every((key) => key instanceof z.ZodOptional);
}
