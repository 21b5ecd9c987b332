import type { Bridge } from "../bridge.ts";
import type { LoadGenerator } from "../loadGenerator.ts";
import { round3, type ResultRow } from "../../figures.ts";
import { measureAbandoned } from "./abandoned.ts";
import { measureColdStart } from "./coldStart.ts";
import { measureIdleSessions } from "./idleSessions.ts";
import { measureMemory } from "./memory.ts";
import { measureRecovery } from "./recovery.ts";
import { measureSessionStart } from "./sessionStart.ts";
import { measureStops } from "./stops.ts";

type Step = (bridge: Bridge, generator: LoadGenerator) => Promise<Record<string, unknown>>;

/** What is measured once of every bridge, by the name after `--steps`. */
export const lifeSteps: Record<string, Step> = {
    coldStart: measureColdStart,
    memory: measureMemory,
    sessions: measureIdleSessions,
    start: measureSessionStart,
    stops: measureStops,
    recovery: measureRecovery,
    abandoned: measureAbandoned,
};

/** Measures the life of a bridge in one row; what fails is named in it and keeps nothing else from being measured. */
export async function measureLife(
    bridge: Bridge,
    steps: string[],
    generator: LoadGenerator,
): Promise<ResultRow> {
    const row: ResultRow = { name: bridge.name, cell: "life" };
    for (const step of steps) {
        console.log(`${step}: ${bridge.name}`);
        try {
            const figures = (await lifeSteps[step]?.(bridge, generator)) ?? {};
            for (const [name, value] of Object.entries(figures)) {
                row[name] = typeof value === "number" ? round3(value) : value;
            }
        } catch (error) {
            row[`${step}Failure`] = (error as Error).message;
        }
    }
    return row;
}
