import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Bridge } from "./bridge.ts";
import { echoServer } from "./files.ts";
import type { Package } from "./installPackage.ts";
import { scratch } from "./scratch.ts";

/** A package of others, and the bridges that it is run as. */
export interface Peer extends Package {
    /** The bridges, given where the package was installed. */
    bridges(directory: string): Omit<Bridge, "version">[];
}

const { execPath } = process;
const server = [execPath, echoServer];

/** The other bridges, each told to log as little as it can. */
export const peers: Peer[] = [
    {
        kind: "crate",
        name: "mcp-proxy",
        version: "0.6.0",
        features: "metrics,oauth,yaml,protocol-2026-07-28",
        bridges: (directory) => {
            const bridge = (name: string, logging: boolean) => ({
                name,
                path: "/",
                toolPrefix: "echo/",
                modern: true,
                command: (port: number) => [
                    join(directory, "bin/mcp-proxy"),
                    ...["--config", writeNativeConfiguration(port, logging)],
                ],
            });
            return [
                bridge("native", false),
                {
                    ...bridge("native-logging", true),
                    cells: ["legacy-1", "legacy-16"],
                    whole: false,
                },
            ];
        },
    },
    {
        kind: "npm",
        name: "supergateway",
        version: "4.0.0",
        bridges: (directory) => {
            const program = join(directory, "node_modules/supergateway/dist/index.js");
            const common = ["--stdio", server.join(" "), "--outputTransport", "streamableHttp"];
            const bridge = (name: string, flags: string[]) => ({
                name,
                path: "/mcp",
                toolPrefix: "",
                modern: false,
                command: (port: number, more: string[]) => [
                    ...[execPath, program, ...common, ...flags, ...more],
                    ...["--logLevel", "none", "--port", String(port)],
                ],
            });
            return [
                {
                    ...bridge("supergateway", ["--stateful"]),
                    shortSessions: [["--sessionTimeout", "2000"]],
                    ownProcesses: [],
                },
                {
                    // A process a request: sizes and sessions would say nothing more.
                    ...bridge("supergateway-stateless", []),
                    cells: ["legacy-1", "legacy-16"],
                    whole: false,
                },
            ];
        },
    },
    {
        kind: "npm",
        name: "mcp-proxy",
        version: "6.7.19",
        bridges: (directory) => [
            {
                name: "mcp-proxy-npm",
                path: "/mcp",
                toolPrefix: "",
                modern: true,
                shortSessions: [["--sessionIdleTimeout", "2000"]],
                command: (port, more) => [
                    ...[execPath, join(directory, "node_modules/mcp-proxy/dist/bin/mcp-proxy.mjs")],
                    ...["--server", "stream", "--port", String(port), ...more, "--", ...server],
                ],
            },
        ],
    },
    {
        kind: "pypi",
        name: "mcp-proxy",
        version: "0.13.0",
        bridges: (directory) => [
            {
                name: "mcp-proxy-pypi",
                path: "/mcp",
                toolPrefix: "",
                modern: false,
                command: (port) => [
                    join(directory, "bin/mcp-proxy"),
                    ...["--log-level", "ERROR", "--port", String(port), "--", ...server],
                ],
            },
        ],
    },
];

function writeNativeConfiguration(port: number, logging: boolean): string {
    const file = join(scratch(), `native-${port}.toml`);
    // Without this table, as in the crate's own quick start, it logs two lines a call.
    const quiet = '[observability]\nlog_level = "warn"\n';
    writeFileSync(
        file,
        `[proxy]
name = "bench"

[proxy.listen]
host = "127.0.0.1"
port = ${port}

${logging ? "" : quiet}
[[backends]]
name = "echo"
transport = "stdio"
command = ${JSON.stringify(server[0])}
args = ${JSON.stringify(server.slice(1))}
`,
    );
    return file;
}
