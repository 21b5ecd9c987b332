import {
    AlwaysOffSampler,
    AlwaysOnSampler,
    ParentBasedSampler,
    TraceIdRatioBasedSampler,
    type Sampler,
} from "@opentelemetry/sdk-trace";
import type { TracingSettings } from "./tracingSettings.ts";

/** Decides which calls are traced. Loads OpenTelemetry. */
export function createSampler({ sampler, ratio }: TracingSettings): Sampler {
    const prefix = "parentbased_";
    const own = createRoot(sampler.replace(prefix, ""), ratio);
    return sampler.startsWith(prefix) ? new ParentBasedSampler({ root: own }) : own;
}

function createRoot(name: string, ratio: number): Sampler {
    if (name === "traceidratio") {
        return new TraceIdRatioBasedSampler(ratio);
    }
    return name === "always_off" ? new AlwaysOffSampler() : new AlwaysOnSampler();
}
