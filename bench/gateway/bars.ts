import type { Figure } from "../figures.ts";

/** Every figure of `ratios` in the result, and what the project promises for it. */
export const bars = {
    cpuVsOauth2Proxy: {
        meaning:
            "CPU per call of NGINX and our verifier ÷ of NGINX and oauth2-proxy, 16 connections",
        bar: { atMost: 0.6 },
    },
    authOnVsOff: {
        meaning: "CPU per call of NGINX and our verifier ÷ of NGINX without token check",
        bar: { atMost: 1.5 },
    },
    addedP50Ms: {
        meaning: "ms of p50 that TLS, token check and NGINX add to a call, one connection",
        bar: { atMost: 0.5 },
    },
    verifierWarmP50Ms: {
        meaning: "ms, p50, in which the verifier answers for a token that it remembers",
        bar: { atMost: 0.3 },
    },
} satisfies Record<string, Figure>;

export type FigureName = keyof typeof bars;
