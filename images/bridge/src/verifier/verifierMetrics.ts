import Counter from "prom-client/lib/counter.js";
import Gauge from "prom-client/lib/gauge.js";
import Histogram from "prom-client/lib/histogram.js";
import Registry from "prom-client/lib/registry.js";
import { registerProcessMetrics } from "../observe/processMetrics.ts";

/** Bounds of the duration histogram, in seconds: a remembered token takes microseconds, introspection up to seconds. */
const durationBounds = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3];

/** How a verification ended. */
export type Outcome =
    "granted" | "no_token" | "invalid_token" | "insufficient_scope" | "unavailable";

/** What is true of a verifier at one moment. */
export interface VerifierGauges {
    rememberedTokens: number;
    /** Issuers with whether their keys are loaded. */
    issuers: [string, boolean][];
}

/** Prometheus metrics of a verifier. */
export interface VerifierMetrics {
    recordVerification(server: string, outcome: Outcome, seconds: number): void;
    /** Counts a back-channel logout. */
    recordLogout(result: "accepted" | "refused"): void;
    /** Everything in Prometheus' text format. */
    read(): Promise<{ contentType: string; text: string }>;
}

export function createVerifierMetrics(gauges: () => VerifierGauges): VerifierMetrics {
    const registry = new Registry();
    const registers = [registry];
    const counts = new Map<string, Map<Outcome, number>>();
    // Counted without the library, whose counters look up labels by a text that each count builds anew.
    new Counter({
        name: "slipway_verifications_total",
        help: "Verified requests, by server and outcome.",
        labelNames: ["server", "outcome"],
        registers,
        collect() {
            this.reset();
            for (const [server, outcomes] of counts) {
                for (const [outcome, count] of outcomes) {
                    this.inc({ server, outcome }, count);
                }
            }
        },
    });
    const durations = new Histogram({
        name: "slipway_verification_duration_seconds",
        help: "Time to verify a request, in seconds.",
        buckets: durationBounds,
        registers,
    });
    const logouts = new Counter({
        name: "slipway_backchannel_logouts_total",
        help: "Back-channel logouts, by result.",
        labelNames: ["result"],
        registers,
    });
    registerVerifierGauges(registry, gauges);
    registerProcessMetrics(registry);
    return {
        recordVerification(server, outcome, seconds) {
            let outcomes = counts.get(server);
            if (outcomes === undefined) {
                counts.set(server, (outcomes = new Map<Outcome, number>()));
            }
            outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
            durations.observe(seconds);
        },
        recordLogout: (result) => logouts.inc({ result }),
        read: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
    };
}

function registerVerifierGauges(registry: Registry, gauges: () => VerifierGauges): void {
    new Gauge({
        name: "slipway_remembered_tokens",
        help: "Tokens remembered.",
        registers: [registry],
        collect() {
            this.set(gauges().rememberedTokens);
        },
    });
    new Gauge({
        name: "slipway_issuer_keys_loaded",
        help: "Whether the keys of an issuer are loaded.",
        labelNames: ["issuer"],
        registers: [registry],
        collect() {
            for (const [issuer, loaded] of gauges().issuers) {
                this.set({ issuer }, Number(loaded));
            }
        },
    });
}
