import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { DenseSet } from "../collections/denseSet.ts";
import type { Exchange } from "./exchange.ts";

/** Time without a request after which nobody is taken to send here any more, in milliseconds. */
const quietTime = 1000;
/** Time between signs of life on a stream, in milliseconds: what stands between must not think it dead. Half of the SDK's 15 s, because the first may come twice as late. */
const usualInterval = 7500;

/** Knows which requests are being answered, so that none is lost when the program ends and none falls silent. */
export class InFlight {
    private readonly exchanges = new DenseSet<Exchange>();
    private readonly sweep: NodeJS.Timeout;
    private readonly keepAliveInterval: number;
    private readonly streamCount: { lasting: number; onUnread: () => void };
    private others = 0;
    private last = 0;
    private ending = false;

    /**
     * @param keepAliveInterval time between signs of life on a stream, in milliseconds
     * @param onUnread called for each message that is left out because its client does not read
     */
    constructor(keepAliveInterval = usualInterval, onUnread: () => void = () => undefined) {
        this.streamCount = { lasting: 0, onUnread };
        this.keepAliveInterval = keepAliveInterval;
        this.sweep = setInterval(() => this.keepAlive(), keepAliveInterval);
        this.sweep.unref();
    }

    /** Requests being answered, without the streams that last as long as their clients want. */
    get inFlight(): number {
        return this.exchanges.size - this.streamCount.lasting + this.others;
    }

    /** Streams that last as long as their clients want. */
    get streams(): number {
        return this.streamCount.lasting;
    }

    /** Whether the program is about to end. */
    get draining(): boolean {
        return this.ending;
    }

    /** Counts an exchange until its answer is out or its client is gone. */
    enter(exchange: Exchange): void {
        this.exchanges.add(exchange);
        this.last = exchange.startedAt;
        exchange.lastingCount = this.streamCount;
        // Comes once; "once" would make two objects a call to see to that.
        exchange.response.on("close", () => {
            this.exchanges.remove(exchange);
            this.streamCount.lasting -= Number(exchange.lasting);
            exchange.close();
        });
    }

    /** Counts a request that is no exchange. */
    count(response: ServerResponse): void {
        this.others++;
        this.last = performance.now();
        response.once("close", () => this.others--);
    }

    /**
     * Waits until nothing has come for a while and everything is answered. Requests that still come are to be served:
     * whoever routes to this program may learn late that it is not ready.
     *
     * @param limit longest wait, in milliseconds
     * @param quiet how long nothing must have come, in milliseconds
     */
    async drain(limit: number, quiet = quietTime): Promise<void> {
        this.ending = true;
        const deadline = performance.now() + limit;
        const done = (): boolean => this.inFlight === 0 && performance.now() - this.last >= quiet;
        while (!done() && performance.now() < deadline) {
            await delay(20);
        }
    }

    /** Stops looking after the exchanges. */
    stop(): void {
        clearInterval(this.sweep);
    }

    private keepAlive(): void {
        const before = performance.now() - this.keepAliveInterval;
        for (const exchange of this.exchanges) {
            if (exchange.startedAt < before) {
                exchange.keepAlive();
            }
        }
    }
}
