import * as pulumi from "@pulumi/pulumi";
import {
    ComponentProvider,
    type ComponentResourceConstructor,
} from "@pulumi/pulumi/provider/experimental/index.js";
import { main } from "@pulumi/pulumi/provider/index.js";

import * as exported from "./index.ts";

/** Type of an argument, or of a part of it, in the schema of the package. */
interface Property {
    /** Whether the component takes the value itself, never an output. */
    plain?: boolean;
    $ref?: string;
    items?: Property;
    additionalProperties?: Property;
}

interface Schema {
    resources: Record<string, { inputProperties: Record<string, Property> }>;
    types: Record<string, { properties?: Record<string, Property> }>;
}

type Construct = ComponentProvider["construct"];

/** Makes components for programs in other languages. */
export class ComponentPlugin extends ComponentProvider {
    /** @param directory where `package.json` and the sources are, from which the schema is read */
    constructor(directory: string) {
        const components = Object.values<unknown>(exported).filter(isComponent);
        super({ name: "slipway", dirname: directory, components });
    }

    /**
     * Gives a component the values of plain arguments. Other languages pass outputs wherever they please, and what comes
     * from a resource arrives as an output although it is known.
     */
    override async construct(...[name, type, inputs, options]: Parameters<Construct>) {
        const schema = JSON.parse(await this.getSchema()) as Schema;
        const properties = schema.resources[type]?.inputProperties;
        const args = await resolveFields(schema, inputs, (input) => properties?.[input]);
        // The engine says `false` also when the program says nothing, for which components have defaults.
        const { protect, ...others } = options;
        return super.construct(name, type, args, protect === true ? options : others);
    }
}

/** Serves the components to the engine that started this process. */
export function servePlugin(directory: string): Promise<void> {
    return main(new ComponentPlugin(directory), process.argv.slice(2));
}

function isComponent(value: unknown): value is ComponentResourceConstructor {
    return typeof value === "function" && value.prototype instanceof pulumi.ComponentResource;
}

async function resolvePlain(
    schema: Schema,
    property: Property | undefined,
    value: unknown,
): Promise<unknown> {
    if (property === undefined) return value;
    if (pulumi.Output.isInstance(value)) {
        const known = property.plain === true ? await readKnown(value) : undefined;
        return known === undefined ? value : resolvePlain(schema, property, known);
    }
    if (Array.isArray(value)) {
        return Promise.all(value.map((item) => resolvePlain(schema, property.items, item)));
    }
    if (typeof value !== "object" || value === null || pulumi.Resource.isInstance(value)) {
        return value;
    }
    const fields = schema.types[property.$ref?.replace("#/types/", "") ?? ""]?.properties;
    return resolveFields(schema, value, (key) => fields?.[key] ?? property.additionalProperties);
}

async function resolveFields(
    schema: Schema,
    object: object,
    propertyOf: (key: string) => Property | undefined,
): Promise<Record<string, unknown>> {
    const entries = Object.entries(object).map(async ([key, value]) => [
        key,
        await resolvePlain(schema, propertyOf(key), value),
    ]);
    return Object.fromEntries(await Promise.all(entries)) as Record<string, unknown>;
}

/** The value of an output; undefined when it is not known yet, or secret. */
async function readKnown(output: pulumi.Output<unknown>): Promise<unknown> {
    const { isKnown, isSecret } = output as unknown as Record<string, Promise<boolean>>;
    if (!(await isKnown) || (await isSecret)) return undefined;
    return (output as unknown as { promise: () => Promise<unknown> }).promise();
}
