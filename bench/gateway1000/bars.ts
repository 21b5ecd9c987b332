import { join } from "node:path";

import type { Figure } from "../figures.ts";

/** The committed result. */
export const resultFile = join(import.meta.dirname, "../results/gateway1000.json");

/** Every figure of `ratios` in the result, and what the project promises for it. */
export const bars = {
    bytesPerServer: {
        meaning: "bytes of NGINX configuration for each further server",
        bar: { atMost: 700 },
    },
    p50LastVsFirst: {
        meaning: "p50 of a call of the last of 1,000 servers ÷ of the first",
        bar: { atMost: 1.05 },
    },
    rssMb: {
        meaning: "MB of a gateway pod with 1,000 servers: all processes, shared pages once",
        bar: { atMost: 130 },
    },
    dnsPerSecond: { meaning: "questions of a pod to DNS in a second", bar: { atMost: 100 } },
    reloadSeconds: {
        meaning: "s from a changed configuration being offered until NGINX runs it",
        bar: { atMost: 1.5 },
    },
    streamsCutByAddedServer: {
        meaning: "of 200 open streams, and of calls meanwhile, cut when a server is added",
        bar: { atMost: 0 },
    },
} satisfies Record<string, Figure>;

export type FigureName = keyof typeof bars;
