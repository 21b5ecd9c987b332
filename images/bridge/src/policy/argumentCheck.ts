import { BoundedMap } from "../collections/boundedMap.ts";
import { isObject, type JsonObject } from "../json/jsonRpc.ts";
import type { Log } from "../log/log.ts";
import type { describeProblems } from "./describeProblems.ts";
import { TooManySteps, UnsupportedPattern } from "./patternErrors.ts";
import type { CompiledSchema, SchemaCompiler } from "./schemaCompiler.ts";

/** Schemas kept compiled. */
const entryLimit = 1000;
/** Text of all of them, in characters. */
const sizeLimit = 4 * 1024 * 1024;

/** What a check needs to know of a tool. */
export interface CheckedTool {
    name: string;
    inputSchema?: unknown;
}

/**
 * Why arguments may not pass: `arguments` when they do not match, which the caller can repair, `schema` when nothing can
 * match because the tool's schema is none. Holds no value.
 */
export interface ArgumentProblem {
    kind: "arguments" | "schema";
    message: string;
}

type Schema = CompiledSchema | { fault: string };

/** Checks the arguments of calls against the schemas of their tools. */
export class ArgumentCheck {
    private readonly compiler: SchemaCompiler;
    private readonly describe: typeof describeProblems;
    private readonly log: Log;
    /** By identity: the catalogue gives the same object until the server's tools change. */
    private readonly recent = new WeakMap<object, Schema>();
    /** By text: tools that are listed anew are seldom other ones. */
    private readonly compiled = new BoundedMap<Schema>({
        entries: entryLimit,
        size: sizeLimit,
        sizeOf: (text) => text.length,
    });

    constructor(compiler: SchemaCompiler, describe: ArgumentCheck["describe"], log: Log) {
        this.compiler = compiler;
        this.describe = describe;
        this.log = log;
    }

    /** Schemas it keeps compiled. */
    get schemas(): number {
        return this.compiled.count;
    }

    /** Why the arguments of a call may not pass; undefined when they match. Those left out are an empty object. */
    findProblem(tool: CheckedTool, args: unknown = {}): ArgumentProblem | undefined {
        const schema = this.find(tool);
        if ("fault" in schema) {
            const message = `the input schema of tool '${tool.name}' cannot be used: ${schema.fault}`;
            return { kind: "schema", message };
        }
        const refuse = (text: string): ArgumentProblem => ({
            kind: "arguments",
            message: `invalid arguments for tool '${tool.name}': ${text}`,
        });
        try {
            const errors = schema(args);
            return errors && refuse(this.describe(errors));
        } catch (error) {
            if (error instanceof TooManySteps) {
                return refuse(error.message);
            }
            // A schema that refers to itself goes as deep as the arguments.
            return refuse(
                error instanceof RangeError
                    ? "must not be nested so deep"
                    : "could not be compared with the tool's input schema",
            );
        }
    }

    private find({ name, inputSchema }: CheckedTool): Schema {
        if (!isObject(inputSchema)) {
            return { fault: "must be an object" };
        }
        let schema = this.recent.get(inputSchema);
        if (schema === undefined) {
            const text = JSON.stringify(inputSchema);
            schema = this.compiled.get(text) ?? this.compile(name, inputSchema);
            this.compiled.set(text, schema);
            this.recent.set(inputSchema, schema);
        }
        return schema;
    }

    private compile(tool: string, inputSchema: JsonObject): Schema {
        try {
            return this.compiler.compile(inputSchema);
        } catch (error) {
            const reason = (error as Error).message;
            if (error instanceof UnsupportedPattern) {
                this.log("warn", "arguments are left to the server", { tool, reason });
                return () => undefined;
            }
            this.log("warn", "input schema cannot be used, calls are refused", { tool, reason });
            return { fault: reason };
        }
    }
}

/** Loads the validator and prepares it: only who asks for the check pays for it, and no call waits for it. */
export async function openArgumentCheck(log: Log): Promise<ArgumentCheck> {
    const [{ SchemaCompiler }, { describeProblems: describe }] = await Promise.all([
        import("./schemaCompiler.ts"),
        import("./describeProblems.ts"),
    ]);
    const compiler = new SchemaCompiler();
    compiler.prepare();
    return new ArgumentCheck(compiler, describe, log);
}
