import { EventEmitter, once } from "node:events";

import { log } from "../log.ts";

/** Counts the calls in flight, so that a server that stops can finish them, and logs each. */
export class CallCounter {
    private running = 0;
    private readonly events = new EventEmitter<{ idle: [] }>();

    async count<Result>(tool: string, call: () => Promise<Result>): Promise<Result> {
        const start = performance.now();
        const tell = (fields: object) =>
            log("info", "tool_called", {
                tool,
                ms: Math.round(performance.now() - start),
                ...fields,
            });
        this.running += 1;
        try {
            const result = await call();
            tell({ ok: true });
            return result;
        } catch (error) {
            tell({ ok: false, reason: (error as Error).message });
            throw error;
        } finally {
            this.running -= 1;
            if (this.running === 0) this.events.emit("idle");
        }
    }

    /** Settles as soon as no call is in flight. */
    async waitForIdle(): Promise<void> {
        while (this.running > 0) await once(this.events, "idle");
    }
}
