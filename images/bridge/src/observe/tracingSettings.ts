/** Samplers of the OpenTelemetry specification that need no other service. */
const samplers = [
    "always_on",
    "always_off",
    "traceidratio",
    "parentbased_always_on",
    "parentbased_always_off",
    "parentbased_traceidratio",
] as const;
export type SamplerName = (typeof samplers)[number];

/** How to trace, by OpenTelemetry's variables. The exporter reads those about itself (`OTEL_EXPORTER_OTLP_*`). */
export interface TracingSettings {
    sampler: SamplerName;
    /** Share of traces that are kept, 0 to 1, by the samplers that take a share. */
    ratio: number;
    /** Sizes and times of batches; the library's own where undefined. */
    batch: {
        maxQueueSize: number | undefined;
        maxExportBatchSize: number | undefined;
        scheduledDelayMillis: number | undefined;
        exportTimeoutMillis: number | undefined;
    };
}

/**
 * Reads OpenTelemetry's variables.
 *
 * @returns undefined when no traces are wanted: no endpoint, or switched off
 * @throws when they ask for what the bridge does not have
 */
export function readTracingSettings(environment: NodeJS.ProcessEnv): TracingSettings | undefined {
    const read = (name: string): string | undefined => environment[name]?.trim() || undefined;
    const exporter = read("OTEL_TRACES_EXPORTER") ?? "otlp";
    const endpoint =
        read("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") ?? read("OTEL_EXPORTER_OTLP_ENDPOINT");
    if (
        endpoint === undefined ||
        exporter === "none" ||
        read("OTEL_SDK_DISABLED")?.toLowerCase() === "true"
    ) {
        return undefined;
    }
    refuseOthers("OTEL_TRACES_EXPORTER", exporter, ["otlp"]);
    refuseOthers(
        "OTEL_EXPORTER_OTLP_PROTOCOL",
        read("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") ??
            read("OTEL_EXPORTER_OTLP_PROTOCOL") ??
            "http/protobuf",
        ["http/protobuf"],
    );
    const number = (name: string, max: number): number | undefined => {
        const text = read(name);
        if (text !== undefined && !(Number(text) >= 0 && Number(text) <= max)) {
            throw new Error(`tracing: ${name} must be a number from 0 to ${max}, got '${text}'`);
        }
        return text === undefined ? undefined : Number(text);
    };
    const longest = 2 ** 31 - 1;
    return {
        sampler: refuseOthers(
            "OTEL_TRACES_SAMPLER",
            read("OTEL_TRACES_SAMPLER") ?? "parentbased_always_on",
            samplers,
        ),
        ratio: number("OTEL_TRACES_SAMPLER_ARG", 1) ?? 1,
        batch: {
            maxQueueSize: number("OTEL_BSP_MAX_QUEUE_SIZE", longest),
            maxExportBatchSize: number("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", longest),
            scheduledDelayMillis: number("OTEL_BSP_SCHEDULE_DELAY", longest),
            exportTimeoutMillis: number("OTEL_BSP_EXPORT_TIMEOUT", longest),
        },
    };
}

function refuseOthers<T extends string>(name: string, value: string, words: readonly T[]): T {
    const word = words.find((candidate) => candidate === value);
    if (word === undefined) {
        throw new Error(`tracing: ${name} must be one of ${words.join(", ")}, got '${value}'`);
    }
    return word;
}
