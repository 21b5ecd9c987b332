import { Ajv2020 } from "ajv/dist/2020.js";

import type { ListedTool } from "./connection.ts";
import type { Probe } from "./outputs.ts";

/** Throws when the server has no such tool, or when the arguments do not fit the tool's schema: all that is wrong. */
export function refuseProbe({ tool, args }: Probe, tools: ListedTool[]): void {
    const found = tools.find(({ name }) => name === tool);
    if (found === undefined) {
        const known = tools.map(({ name }) => `'${name}'`).join(", ");
        throw new Error(`'probe.tool' must be a tool of the server (${known}), got '${tool}'`);
    }
    const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
    const { $schema: dialect, ...schema } = found.inputSchema as { $schema?: string };
    // Other dialects differ in keywords that arguments of a probe hardly need.
    if (dialect !== undefined && !dialect.includes("2020-12") && !dialect.includes("draft-07"))
        return;
    if (ajv.validate(schema, args)) return;
    const problems = (ajv.errors ?? []).map(({ instancePath, message, params }) => {
        const path = `probe.args${instancePath.replaceAll("/", ".")}`;
        const named = Object.values(params as Record<string, unknown>).filter(
            (value) => typeof value === "string" && !message?.includes(value),
        );
        return `'${path}' ${message}${named.length > 0 ? ` (${named.join(", ")})` : ""}`;
    });
    throw new Error(
        `${problems.join("; ")}: the arguments must fit the schema of tool '${tool}'; correct 'probe' in 'slipway:servers'`,
    );
}
