import type { CallOutcome, CallRecord } from "../calls/callRecord.ts";
import { clip, publicName } from "./publicName.ts";

/** Attributes of a span, all of them text. */
export type SpanAttributes = Record<string, string>;

/** Method and, where it is one of few, what was asked for: OpenTelemetry's conventions for MCP, status Development. */
export function spanName({ method, name }: CallRecord): string {
    const target = method === "tools/call" || method === "prompts/get" ? name : undefined;
    return target === undefined ? clip(method) : `${clip(method)} ${clip(target)}`;
}

/** What is known of a call when it begins. */
export function beginAttributes({ method, name, era }: CallRecord): SpanAttributes {
    const attributes: SpanAttributes = {
        "mcp.method.name": clip(method),
        "network.protocol.name": "http",
        "network.transport": "tcp",
        "slipway.era": era,
    };
    if (name === undefined) {
        return attributes;
    }
    const shown = publicName(method, name);
    if (method === "tools/call") {
        attributes["gen_ai.operation.name"] = "execute_tool";
        attributes["gen_ai.tool.name"] = shown;
    } else if (method === "prompts/get") {
        attributes["gen_ai.prompt.name"] = shown;
    } else if (method.startsWith("resources/")) {
        attributes["mcp.resource.uri"] = shown;
    }
    return attributes;
}

/** What is known when it is over. A call that failed has an `error.type`. */
export function endAttributes(outcome: CallOutcome, code: number | undefined): SpanAttributes {
    const attributes: SpanAttributes = { "slipway.outcome": outcome };
    if (code !== undefined) {
        attributes["rpc.response.status_code"] = String(code);
    }
    const succeeded = outcome === "ok" || outcome === "input_required";
    // The client's own wish is no error.
    if (!succeeded && outcome !== "cancelled") {
        attributes["error.type"] = code === undefined ? outcome : String(code);
    }
    return attributes;
}
