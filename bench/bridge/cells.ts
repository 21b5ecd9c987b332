import type { Bridge } from "./bridge.ts";
import type { Call } from "./loadOrders.ts";

/** One situation in which every bridge is measured. */
export interface Cell {
    /** As in results and after `--cells`. */
    name: string;
    era: "legacy" | "modern" | "rest";
    /** Connections, each with a session of its own and one call at a time. */
    connections: number;
    call: Call;
    /** Length of the measurement, ms; whole seconds, as bridges take turns of one. */
    ms: number;
    /**
     * Which bridges it is for.
     *
     * @default all
     */
    takes?(bridge: Bridge): boolean;
}

const behindBridge = (bridge: Bridge): boolean => bridge.name !== "bare";
const modern = (bridge: Bridge): boolean => bridge.modern;

/** Every cell: the two that the ratios are of, then eras, sizes and kinds of call. */
export const cells: Cell[] = [
    { name: "legacy-1", era: "legacy", connections: 1, call: { tool: "echo" }, ms: 4000 },
    { name: "legacy-16", era: "legacy", connections: 16, call: { tool: "echo" }, ms: 4000 },
    {
        name: "modern-1",
        era: "modern",
        connections: 1,
        call: { tool: "echo" },
        ms: 3000,
        takes: modern,
    },
    {
        name: "modern-16",
        era: "modern",
        connections: 16,
        call: { tool: "echo" },
        ms: 4000,
        takes: modern,
    },
    {
        name: "rest-16",
        era: "rest",
        connections: 16,
        call: { tool: "echo" },
        ms: 4000,
        takes: (bridge) => bridge.rest === true,
    },
    {
        name: "1KiB-16",
        era: "legacy",
        connections: 16,
        call: { tool: "echo", bytes: 1024 },
        ms: 2000,
    },
    {
        name: "64KiB-1",
        era: "legacy",
        connections: 1,
        call: { tool: "echo", bytes: 65_536 },
        ms: 2000,
    },
    {
        name: "1MiB-1",
        era: "legacy",
        connections: 1,
        call: { tool: "echo", bytes: 1_048_576 },
        ms: 2000,
    },
    {
        name: "1MiB-answer-1",
        era: "legacy",
        connections: 1,
        call: { tool: "text", bytes: 1_048_576 },
        ms: 2000,
    },
    {
        name: "sleep-16",
        era: "legacy",
        connections: 16,
        call: { tool: "sleep", ms: 50 },
        ms: 2000,
        takes: behindBridge,
    },
    {
        name: "progress-16",
        era: "legacy",
        connections: 16,
        call: { tool: "progress", count: 3 },
        ms: 2000,
        takes: behindBridge,
    },
];
