import type { Figure } from "../figures.ts";

/** Every figure of `ratios` in the result, and what the project promises for it. */
export const bars = {
    readyWarmS: {
        meaning: "s until the embedded platform is ready, from nothing but the build cache",
        bar: { atMost: 90 },
    },
    upColdMin: {
        meaning:
            "min of 'npm run up' on a bare Debian, nothing built or downloaded, to verified servers",
        bar: { atMost: 11 },
    },
    upNoopS: { meaning: "s of an 'npm run up' with nothing changed", bar: { atMost: 20 } },
    previewPerServer50Vs10: {
        meaning: "time of a first preview per server, of 50 servers ÷ of 10",
        bar: { atMost: 1.5 },
    },
    addedP50Ms: {
        meaning:
            "ms of p50 that the gateway (TLS, token check, NGINX) adds to a tool call of the pod",
        bar: { atMost: 1.5 },
    },
    preview1000Min: { meaning: "min of a first preview of 1,000 servers", bar: { atMost: 10 } },
    previewPerServer1000Vs50: {
        meaning: "time of a first preview per server, of 1,000 servers ÷ of 50",
        bar: { atMost: 1.5 },
    },
    rssMb1000: {
        meaning: "MB, peak, of the program's process in the preview of 1,000 servers",
        bar: { atMost: 2500 },
    },
} satisfies Record<string, Figure>;

export type FigureName = keyof typeof bars;
