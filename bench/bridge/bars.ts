import type { Figure } from "../figures.ts";

const notYet = "the committed run is older than this figure";

/** Every figure of `ratios` in the result, and what the project promises for it. */
export const bars = {
    cpu1VsNative: {
        meaning: "CPU per call ÷ that of the Rust mcp-proxy, one connection",
        bar: { atMost: 0.9 },
    },
    cpu16VsNative: { meaning: "the same, 16 connections", bar: { atMost: 0.85 } },
    rps16VsNative: {
        meaning: "calls a second ÷ those of the Rust mcp-proxy, 16 connections",
        bar: { atLeast: 1.2 },
    },
    cpu16VsBare: { meaning: "CPU per call ÷ that of a bare node:http echo", bar: { atMost: 1.25 } },
    rps16VsBare: {
        meaning: "calls a second ÷ those of a bare node:http echo",
        bar: { atLeast: 0.9 },
    },
    cpu16VsSupergateway: {
        meaning: "CPU per call ÷ that of supergateway, stateful",
        bar: { atMost: 0.2 },
    },
    rps16VsSupergateway: {
        meaning: "calls a second ÷ those of supergateway, stateful",
        bar: { atLeast: 6 },
    },
    modernCpu16VsLegacy: {
        meaning:
            "CPU per call of a 2026-07-28 client ÷ that of a 2025-11-25 client, same old-era server",
        bar: { atMost: 1.2 },
    },
    addedP50Ms: {
        meaning: "ms of p50 over the bare node:http echo, one connection",
        bar: { atMost: 0.1 },
    },
    idleRssMb: {
        meaning: "MB after start and a first call",
        bar: { atMost: 55 },
        unmet: {
            held: { atMost: 60 },
            because: "45 MB are pages of the node binary, which all bridges of a node share",
        },
    },
    loadedRssMb: { meaning: "MB after 100,000 calls", bar: { atMost: 95 } },
    kbPerIdleSession: { meaning: "KB a session that does nothing, shared", bar: { atMost: 2 } },
    sessionStartMs: {
        meaning: "ms to the first answer of a new leased session, warm pool, p50",
        bar: { atMost: 5 },
    },
    abandonedChildren: {
        meaning: "processes left of 500 clients that never say goodbye, past the idle lifetime",
        bar: { atMost: 0 },
    },
    abandonedRssGrowthMb: { meaning: "MB left of them", bar: { atMost: 10 } },
    lostOnSigterm: {
        meaning: "calls lost in 20 stops under load",
        bar: { atMost: 0 },
    },
    p50Ms1MiB: {
        meaning: "ms, p50, of a call with 1 MiB both ways",
        bar: { atMost: 12 },
    },
    authCpu: {
        meaning: "CPU per call with bearer verification ÷ without, warm, 16 connections",
        bar: { atMost: 1.1 },
    },
    fairP99VsAlone: {
        meaning:
            "p99 of a caller with one call at a time while another keeps its 256 calls in flight ÷ alone",
        bar: { atMost: 3 },
        unmet: { because: notYet },
    },
    cpu16Replicas3VsOne: {
        meaning:
            "CPU per call over three replicas, in sessions that another one opened ÷ one replica, 16 connections each",
        bar: { atMost: 1.25 },
        unmet: { because: notYet },
    },
    handOverAddedP50Ms: {
        meaning:
            "ms of p50 that a session with a process of its own takes longer through another replica",
        bar: { atMost: 0.5 },
        unmet: { because: notYet },
    },
    restCpu16VsMcp: {
        meaning: "CPU per `POST /call` ÷ per `tools/call`, 16 connections",
        bar: { atMost: 1.2 },
        unmet: { because: notYet },
    },
    coldStartMs: {
        meaning:
            "ms from the start of the process to its first list of tools, without the stdio server's own",
        bar: { atMost: 250 },
        unmet: { because: notYet },
    },
} satisfies Record<string, Figure>;

export type FigureName = keyof typeof bars;
