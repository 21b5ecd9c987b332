import { setTimeout } from "node:timers/promises";

/** Waits for a while. */
export function pause(ms: number): Promise<void> {
    return setTimeout(ms);
}
