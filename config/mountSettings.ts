import * as z from "zod";

import { serverDefaults } from "../components/server/defaults.ts";
import { optional, required } from "./keys.ts";

/** The call with which a server is checked. */
export const probe = z.strictObject({
    tool: required(z.string(), "Tool to call", "add_numbers"),
    args: optional(z.record(z.string(), z.json()), "Arguments of the call", {
        default: {},
        example: { a: 2, b: 3 },
    }),
    expect: required(z.string(), "Text that the answer must contain", "5"),
});

/** One entry of `mounts`. */
export const mount = z.strictObject({
    name: required(z.string(), "Name of the server", "tides"),
    prefix: optional(z.string(), "Public path of the server", {
        default: serverDefaults.prefix("<name>"),
        example: "/tools/tides",
    }),
    stripPrefix: optional(
        z.boolean(),
        "Whether the gateway removes the prefix before it forwards a request",
        { default: serverDefaults.stripPrefix, example: false },
    ),
    mcpPath: optional(z.string(), "Path of its MCP endpoint inside the process", {
        default: serverDefaults.mcpPath,
        example: "/tides/mcp",
    }),
    scopes: optional(z.array(z.string()), "Scopes that a token must carry, all of them", {
        default: serverDefaults.scopes("<name>"),
        example: ["tides:read"],
    }),
    probe: optional(probe, "Call with which `npm run verify` checks the server", {
        absent: "tools are listed only",
        example: { tool: "next_tide", expect: "high" },
    }),
});
