import { setTimeout as delay } from "node:timers/promises";

/** Waits for something to become true; fails after `limit` milliseconds. */
export async function until(
    condition: () => boolean | Promise<boolean>,
    limit = 10_000,
): Promise<void> {
    const deadline = Date.now() + limit;
    while (!(await condition())) {
        if (Date.now() > deadline) {
            throw new Error(`not true within ${limit} ms: ${condition.toString()}`);
        }
        await delay(10);
    }
}
