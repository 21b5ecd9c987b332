import type { ArgProblem } from "../../problems/argProblem.ts";
import { findScopeProblems, isVariableName, isWithin } from "../../problems/values.ts";
import { bridgeDefaults, serverDefaults } from "../defaults.ts";
import { bridgePaths, type BridgeSettings, type Isolation, type ToolRules } from "./args.ts";

/** The settings of one server that the rules check. */
interface BridgedSettings {
    mcpPath?: string;
    isolation?: Isolation;
    tools?: ToolRules;
    bridge?: BridgeSettings;
}

const day = 86_400;

/** Refuses settings of the bridge for a server without one. */
export function findUnbridgedProblems({ isolation, tools, bridge }: BridgedSettings): ArgProblem[] {
    return Object.entries({ isolation, tools, bridge })
        .filter(([, value]) => value !== undefined)
        .map(([path, value]) => ({
            path,
            reason: `must be left out for an http server, which has no bridge, got ${describe(value)}; configure the server itself`,
        }));
}

/** Refuses settings of the bridge that contradict each other or have no effect. */
export function findBridgeProblems(server: BridgedSettings): ArgProblem[] {
    const { bridge = {}, tools = {}, mcpPath = serverDefaults.mcpPath } = server;
    return [
        ...findOwnPathProblems(mcpPath),
        ...findNumberProblems(bridge),
        ...(server.isolation === "shared" && bridge.processes !== undefined
            ? [
                  {
                      path: "bridge.processes",
                      reason: "must be left out with isolation 'shared', which has one process, got both",
                  },
              ]
            : []),
        ...findVariableProblems(bridge),
        ...findToolProblems(tools),
    ];
}

function findOwnPathProblems(mcpPath: string): ArgProblem[] {
    const own = Object.values(bridgePaths).flat();
    const taken = own.find((path) => mcpPath === path || mcpPath.startsWith(`${path}/`));
    return taken === undefined
        ? []
        : [
              {
                  path: "mcpPath",
                  reason: `must not be '${taken}', a path of the bridge, got '${mcpPath}'`,
              },
          ];
}

function findNumberProblems({ sessions = {}, processes = {}, calls = {} }: BridgeSettings) {
    const { idleSeconds, lifetimeSeconds } = { ...bridgeDefaults.sessions, ...sessions };
    const maxProcesses = processes.max ?? bridgeDefaults.processes.max;
    const maxCalls = calls.max ?? bridgeDefaults.calls.max;
    const rules: [path: string, value: number | undefined, least: number, most: number][] = [
        ["sessions.idleSeconds", sessions.idleSeconds, 1, 30 * day],
        ["sessions.lifetimeSeconds", lifetimeSeconds, Math.max(1, idleSeconds), 365 * day],
        ["sessions.max", sessions.max, 1, 10_000_000],
        ["processes.max", processes.max, 1, 10_000],
        ["processes.mebibytes", processes.mebibytes, 1, 1_000_000],
        ["processes.warm", processes.warm, 0, Math.min(1000, maxProcesses)],
        ["calls.max", calls.max, 1, 1_000_000],
        ["calls.maxPerCaller", calls.maxPerCaller, 1, maxCalls],
    ];
    return rules.flatMap(([path, value, least, most]) =>
        value === undefined || isWithin(value, least, most)
            ? []
            : [
                  {
                      path: `bridge.${path}`,
                      reason: `must be a whole number from ${least} to ${most}, got ${value}`,
                  },
              ],
    );
}

function findVariableProblems({ imageVariables = [] }: BridgeSettings): ArgProblem[] {
    return imageVariables
        .filter((name) => !isVariableName(name) || name.startsWith("SLIPWAY_"))
        .map((name) => ({
            path: "bridge.imageVariables",
            reason: `must be names of variables of the image, got '${name}'`,
        }));
}

function findToolProblems({ allow, scopes = {} }: ToolRules): ArgProblem[] {
    const problems: ArgProblem[] = [];
    if (allow?.length === 0) {
        const reason = "must name at least one tool, got none; leave it out to allow all";
        problems.push({ path: "tools.allow", reason });
    }
    for (const tool of [...(allow ?? []), ...Object.keys(scopes)].filter((name) => !isTool(name))) {
        const reason = `must be names of tools without space, ',' or '=', got '${tool}'`;
        problems.push({ path: "tools", reason });
    }
    for (const [tool, needed] of Object.entries(scopes)) {
        const path = `tools.scopes.${tool}`;
        problems.push(...findScopeProblems(path, needed));
        if (allow !== undefined && !allow.some((pattern) => matches(pattern, tool))) {
            const reason = `must be a tool that 'tools.allow' has (${allow.join(", ")}), got '${tool}'`;
            problems.push({ path, reason });
        }
    }
    return problems;
}

function isTool(name: string): boolean {
    return /^[^\s,=]+$/.test(name);
}

function matches(pattern: string, tool: string): boolean {
    const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
    return new RegExp(`^${parts.join(".*")}$`).test(tool);
}

function describe(value: unknown): string {
    return typeof value === "object" && value !== null
        ? `{ ${Object.keys(value).join(", ")} }`
        : `'${String(value)}'`;
}
