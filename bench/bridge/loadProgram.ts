/**
 * The load generator: a process of its own on a core of its own. It opens connections, each with a session where the era
 * has one, and keeps every one busy with one call at a time until told otherwise; every answer is checked.
 */
import type { CallFailure } from "./mcpConnection.ts";
import { McpConnection, type Target } from "./mcpConnection.ts";
import type { Call, Load, LoadResult, Order } from "./loadOrders.ts";

let connections: McpConnection[] = [];

async function obey(order: Order): Promise<LoadResult | null> {
    switch (order.kind) {
        case "open":
            connections = Array.from(
                { length: order.connections },
                (_, index) => new McpConnection(pick(order.targets, index)),
            );
            // One after the other: a crowd of handshakes is not what is measured, and one peer loses some of them.
            for (const connection of connections) await connection.open();
            return null;
        case "load":
            return load(order);
        case "close":
            await Promise.allSettled(connections.map((connection) => connection.end()));
            connections = [];
            return null;
    }
}

function pick(targets: Target[], index: number): Target {
    const target = targets[index % targets.length];
    if (target === undefined) throw new Error("load generator: got no target");
    return target;
}

async function load({ call, ms, calls = Infinity, untilFailure }: Load): Promise<LoadResult> {
    const latencies: number[] = [];
    const failures: Record<string, number> = {};
    let [asked, refused, lost, notifications] = [0, 0, 0, 0];
    const cpu = process.cpuUsage();
    const started = performance.now();
    const deadline = started + ms;

    const work = async (connection: McpConnection, index: number) => {
        while (asked < calls && performance.now() < deadline) {
            const unique = `${index}-${(asked += 1)}`;
            const { args, expected } = prepare(call, unique);
            const meta = call.tool === "progress" ? { progressToken: unique } : undefined;
            try {
                notifications += await connection.call(call.tool, args, expected, meta);
                latencies.push(connection.lastMs);
            } catch (error) {
                const failure = error as CallFailure;
                const unserved = failure.status === 503 || failure.code === "ECONNREFUSED";
                if (unserved) refused += 1;
                else lost += 1;
                failures[failure.message] = (failures[failure.message] ?? 0) + 1;
                // Whoever is gone or answers nothing right is not asked a million times.
                if (unserved || untilFailure || lost > 1000) return;
            }
        }
    };
    await Promise.all(connections.map(work));

    const elapsedMs = performance.now() - started;
    const { user, system } = process.cpuUsage(cpu);
    latencies.sort((a, b) => a - b);
    return {
        done: latencies.length,
        refused,
        lost,
        failures,
        notifications,
        elapsedMs,
        p50Ms: quantile(latencies, 0.5),
        p99Ms: quantile(latencies, 0.99),
        generatorCpuMs: (user + system) / 1000,
    };
}

/** Arguments that no other call has, and the text that answers them. */
function prepare(
    { tool, bytes = 32, ms, count }: Call,
    unique: string,
): { args: object; expected: string } {
    if (tool === "text") return { args: { bytes }, expected: filling(bytes) };
    const text = unique + filling(bytes).slice(unique.length);
    return { args: { text, ms, count }, expected: text };
}

const fillings = new Map<number, string>();

function filling(bytes: number): string {
    let text = fillings.get(bytes);
    if (text === undefined) fillings.set(bytes, (text = "x".repeat(bytes)));
    return text;
}

function quantile(sorted: number[], part: number): number {
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
}

process.on("message", (order: Order) => {
    void obey(order).then(
        (result) => process.send?.({ result }),
        (error: unknown) => process.send?.({ problem: (error as Error).message }),
    );
});
process.on("disconnect", () => process.exit());
