import { isObject, type JsonObject } from "../json/jsonRpc.ts";

/** A tool as its server describes it. */
export interface Tool extends JsonObject {
    name: string;
    title?: string;
    description?: string;
    /** JSON Schema of the arguments. */
    inputSchema: JsonObject;
    /** JSON Schema of `structuredContent`; a tool without one promises none. */
    outputSchema?: JsonObject;
}

interface ToolList {
    tools: readonly Tool[];
    byName: ReadonlyMap<string, Tool>;
    /** When it was read, in milliseconds of `now`. */
    readAt: number;
}

/** Pages after which a list is taken to have no end. */
const pageLimit = 1000;
/** Age from which a name that is not on the list makes it be read again, in milliseconds: not every server says what changed. */
const staleAge = 5000;

/** The tools of a server, read when they are first needed and kept until they change. */
export class ToolCatalog {
    private readonly list: (cursor: string | undefined) => Promise<JsonObject>;
    private readonly now: () => number;
    private current: ToolList | undefined;
    private pending: Promise<ToolList> | undefined;
    /** Settles when nothing is being read any more; never rejects. */
    private idle: Promise<void> = Promise.resolve();

    /**
     * @param list the result of `tools/list` with a cursor
     * @param now a clock, in milliseconds (default the monotonic one)
     */
    constructor(
        list: (cursor: string | undefined) => Promise<JsonObject>,
        now: () => number = () => performance.now(),
    ) {
        this.list = list;
        this.now = now;
    }

    /** Whether the tools are known, so that a name `known` does not find is no tool. */
    get loaded(): boolean {
        return this.current !== undefined;
    }

    /** A tool, without waiting; undefined also when the tools are not known yet. */
    known(name: string): Tool | undefined {
        return this.current?.byName.get(name);
    }

    /** Every tool, in the server's order. The same array until the tools are read again. */
    async tools(): Promise<readonly Tool[]> {
        return (await this.read()).tools;
    }

    /** A tool by its name. One that is missing is looked for in a list of at most five seconds. */
    async find(name: string): Promise<Tool | undefined> {
        let list = await this.read();
        if (!list.byName.has(name) && this.now() - list.readAt > staleAge) {
            // What was known stays known meanwhile.
            list = await (this.pending ??= this.fetch());
        }
        return list.byName.get(name);
    }

    /** Forgets the tools: the server said that they changed, or was started again. */
    invalidate(): void {
        this.current = undefined;
        this.pending = undefined;
    }

    private read(): Promise<ToolList> {
        return this.current ? Promise.resolve(this.current) : (this.pending ??= this.fetch());
    }

    /** Reads the list after whatever is being read now. What was forgotten meanwhile is not kept. */
    private fetch(): Promise<ToolList> {
        const fetching: Promise<ToolList> = this.idle
            .then(() => this.readPages())
            .then(
                (list) => {
                    if (this.pending === fetching) {
                        this.pending = undefined;
                        this.current = list;
                    }
                    return list;
                },
                (error: unknown) => {
                    if (this.pending === fetching) {
                        this.pending = undefined;
                    }
                    throw error;
                },
            );
        this.idle = fetching.then(
            () => undefined,
            () => undefined,
        );
        return fetching;
    }

    /** Follows the cursors to the end, or to the first that came before: some servers begin anew for ever. */
    private async readPages(): Promise<ToolList> {
        const byName = new Map<string, Tool>();
        const cursors = new Set<string>();
        let cursor: string | undefined;
        do {
            const page = await this.list(cursor);
            for (const tool of Array.isArray(page.tools) ? (page.tools as unknown[]) : []) {
                if (isTool(tool)) {
                    byName.set(tool.name, tool);
                }
            }
            const next = page.nextCursor;
            cursor = typeof next === "string" && !cursors.has(next) ? next : undefined;
            if (cursor !== undefined) {
                cursors.add(cursor);
            }
        } while (cursor !== undefined && cursors.size < pageLimit);
        return { tools: [...byName.values()], byName, readAt: this.now() };
    }
}

function isTool(value: unknown): value is Tool {
    return isObject(value) && typeof value.name === "string" && isObject(value.inputSchema);
}
