import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { loadCore, pinned } from "./cores.ts";
import { loadProgram } from "./files.ts";
import type { Load, LoadResult, Order } from "./loadOrders.ts";
import type { Target } from "./mcpConnection.ts";

/** The load generator, running on its core. */
export class LoadGenerator {
    private readonly child: ChildProcess;
    private readonly gone = new AbortController();

    /** @param niceness how much it gives way to another on the same core */
    constructor(niceness = 0) {
        const program = [process.execPath, loadProgram];
        const [command = "", ...args] = pinned(
            loadCore,
            niceness === 0 ? program : ["nice", "-n", String(niceness), ...program],
        );
        this.child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
        this.child.once("exit", () =>
            this.gone.abort(new Error("load generator: ended by itself")),
        );
    }

    /**
     * Opens connections and their sessions, to several targets in turn; what was open before must have been closed.
     */
    async open(targets: Target | Target[], connections: number): Promise<void> {
        await this.tell({ kind: "open", targets: [targets].flat(), connections });
    }

    /** Loads the open connections. */
    async load(load: Omit<Load, "kind">): Promise<LoadResult> {
        const result = await this.tell({ kind: "load", ...load });
        if (result === null) throw new Error("load generator: gave no result of a load");
        return result;
    }

    /** Ends the sessions and closes the connections. */
    async close(): Promise<void> {
        await this.tell({ kind: "close" });
    }

    /** Ends the load generator. */
    end(): void {
        if (this.child.connected) this.child.disconnect();
    }

    private async tell(order: Order): Promise<LoadResult | null> {
        this.child.send(order);
        const { signal } = this.gone;
        const [answer] = (await once(this.child, "message", { signal })) as [
            { result: LoadResult | null } | { problem: string },
        ];
        if ("problem" in answer) throw new Error(answer.problem);
        return answer.result;
    }
}
