import { parseArgs } from "node:util";
import { findNumberProblem } from "./findNumberProblem.ts";

export interface BridgeOptions {
    /** The stdio server: program and arguments. */
    command: string[];
    /** Port to listen at; 0 takes a free one. */
    port: number;
    /** Address to listen at; undefined is every address. */
    host: string | undefined;
    /** Path of the MCP endpoint. */
    path: string;
    /** Name of the server, for the log. */
    server: string;
    allowedHosts: string[];
    allowedOrigins: string[];
    /** Variables of the bridge's environment that the server gets besides the usual ones. */
    childEnvironment: string[];
    /** Time calls in flight have after SIGTERM, in seconds. */
    graceSeconds: number;
    /** Longest time a call may take, in seconds. */
    callSeconds: number;
    /** Longest time the server's handshake may take, in seconds. */
    startSeconds: number;
}

/** Usage, as `--help` prints it. */
export const usage = `usage: bridge [options] -- command [arguments]

Serves the stdio MCP server 'command' over streamable HTTP.

  --port N                port (PORT, default 8000)
  --host ADDRESS          address to listen at, '*' for every one
                          (SLIPWAY_HOST, default '*' in a Kubernetes pod, else '127.0.0.1')
  --path PATH             path of the endpoint (SLIPWAY_PATH, default '/mcp')
  --server NAME           name in the log (SLIPWAY_SERVER, default the command)
  --allowed-hosts LIST    host names clients use, comma separated (SLIPWAY_ALLOWED_HOSTS)
  --allowed-origins LIST  origins of browser clients (SLIPWAY_ALLOWED_ORIGINS)
  --child-env LIST        variables passed on to the server (SLIPWAY_CHILD_ENV)
  --grace-seconds N       time for calls in flight after SIGTERM (SLIPWAY_GRACE_SECONDS, default 30)
  --call-seconds N        longest call (SLIPWAY_CALL_SECONDS, default 3600)
  --start-seconds N       longest handshake of the server (SLIPWAY_START_SECONDS, default 60)
  --help                  this text
`;

const flags = {
    port: { type: "string" },
    host: { type: "string" },
    path: { type: "string" },
    server: { type: "string" },
    "allowed-hosts": { type: "string" },
    "allowed-origins": { type: "string" },
    "child-env": { type: "string" },
    "grace-seconds": { type: "string" },
    "call-seconds": { type: "string" },
    "start-seconds": { type: "string" },
    help: { type: "boolean" },
} as const;

/**
 * Reads the bridge's options; a flag wins over its variable.
 *
 * @returns the options, "help", or everything that is wrong
 */
export function readBridgeOptions(
    args: string[],
    environment: NodeJS.ProcessEnv,
): BridgeOptions | "help" | { problems: string[] } {
    const end = args.indexOf("--");
    const [own, command] = end === -1 ? [args, []] : [args.slice(0, end), args.slice(end + 1)];
    let values;
    try {
        values = parseArgs({ args: own, options: flags, allowPositionals: false }).values;
    } catch (error) {
        return { problems: [`${(error as Error).message}; put the server's command after '--'`] };
    }
    if (values.help === true) {
        return "help";
    }
    const text = (flag: Exclude<keyof typeof flags, "help">, variable: string): string =>
        values[flag] ?? environment[variable] ?? "";
    const list = (...source: Parameters<typeof text>): string[] =>
        text(...source)
            .split(",")
            .map((entry) => entry.trim())
            .filter((entry) => entry !== "");

    const problems: string[] = [];
    const number = (
        ...[flag, variable, fallback, max]: [...Parameters<typeof text>, number, number]
    ) => {
        const given = text(flag, variable);
        const problem = findNumberProblem(`--${flag} (${variable})`, given, max);
        problems.push(...problem);
        return given === "" ? fallback : Number(given);
    };

    const path = text("path", "SLIPWAY_PATH") || "/mcp";
    if (!path.startsWith("/") || /[?#\s]/.test(path)) {
        problems.push(`--path (SLIPWAY_PATH): must be a path that begins with '/', got '${path}'`);
    }
    if (command.length === 0) {
        problems.push("command: must follow '--', e.g. 'bridge -- mcp-server-fetch'");
    }
    const inPod = environment.KUBERNETES_SERVICE_HOST !== undefined;
    const host = text("host", "SLIPWAY_HOST") || (inPod ? "*" : "127.0.0.1");
    const options: BridgeOptions = {
        command,
        port: number("port", "PORT", 8000, 65_535),
        host: host === "*" ? undefined : host,
        path,
        server: text("server", "SLIPWAY_SERVER") || (command[0] ?? ""),
        allowedHosts: list("allowed-hosts", "SLIPWAY_ALLOWED_HOSTS"),
        allowedOrigins: list("allowed-origins", "SLIPWAY_ALLOWED_ORIGINS"),
        childEnvironment: list("child-env", "SLIPWAY_CHILD_ENV"),
        graceSeconds: number("grace-seconds", "SLIPWAY_GRACE_SECONDS", 30, 86_400),
        callSeconds: number("call-seconds", "SLIPWAY_CALL_SECONDS", 3600, 86_400),
        startSeconds: number("start-seconds", "SLIPWAY_START_SECONDS", 60, 3600),
    };
    return problems.length > 0 ? { problems } : options;
}
