import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

/** Time without a request after which nobody is taken to send here any more, in milliseconds. */
const quietTime = 1000;

/** Knows which requests are being answered, so that none is lost when the program ends. */
export class Traffic {
    private count = 0;
    private last = 0;
    private ending = false;

    /** Requests being answered. */
    get inFlight(): number {
        return this.count;
    }

    /** Whether the program is about to end. */
    get draining(): boolean {
        return this.ending;
    }

    /** Counts a request until its answer is out or its client is gone. */
    enter(response: ServerResponse): void {
        this.count++;
        this.last = Date.now();
        response.once("close", () => this.count--);
    }

    /**
     * Waits until nothing has come for a while and everything is answered. Requests that still come are to be served:
     * whoever routes to this program may learn late that it is not ready.
     *
     * @param limit longest wait, in milliseconds
     */
    async drain(limit: number): Promise<void> {
        this.ending = true;
        const deadline = Date.now() + limit;
        const quiet = (): boolean => this.count === 0 && Date.now() - this.last >= quietTime;
        while (!quiet() && Date.now() < deadline) {
            await delay(50);
        }
    }
}
