import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bareServer, echoServer, repository } from "./files.ts";
import { installPeer, type Peer } from "./installPeer.ts";
import type { BenchOptions } from "./options.ts";
import { scratch } from "./scratch.ts";

/** A program that is measured. */
export interface Bridge {
    /** As in results and after `--only`. */
    name: string;
    version: string;
    /** Path of its endpoint. */
    path: string;
    /** What it puts before the names of the server's tools. */
    toolPrefix: string;
    /** Whether a client of 2026-07-28 can call the bench's server, which speaks 2025-11-25, through it. */
    modern: boolean;
    /** Whether every request starts a process, so that cells other than the first two would say nothing. */
    slow?: boolean;
    /** Bearer token its clients bring. */
    token?(): string;
    /** The command that serves the echo server at a port; `more` are flags of ours. */
    command(port: number, more: string[]): string[];
}

/** A bridge that is not here, and why. */
export interface Unavailable {
    name: string;
    version: string;
    unavailable: string;
}

const { execPath } = process;
const server = [execPath, echoServer];

/** Our own bridge, or another build of it, run as the README says. */
export function ourBridge(name: string, bundle: string, flags: string[] = []): Bridge {
    return {
        name,
        version: ourVersion(),
        path: "/mcp",
        toolPrefix: "",
        modern: true,
        command: (port, more) => [
            execPath,
            bundle,
            "--port",
            `${port}`,
            ...flags,
            ...more,
            "--",
            ...server,
        ],
    };
}

/** The floor: node:http without a stdio server. */
const bare: Bridge = {
    name: "bare",
    version: process.version,
    path: "/mcp",
    toolPrefix: "",
    modern: false,
    command: (port) => [execPath, bareServer, `${port}`],
};

/** The other bridges: where they come from, and how they are run, each told to log as little as it can. */
const peers: (Peer & { bridges(directory: string): Omit<Bridge, "version">[] })[] = [
    {
        name: "native",
        kind: "crate",
        package: "mcp-proxy",
        version: "0.6.0",
        features: "metrics,oauth,yaml,protocol-2026-07-28",
        bridges: (directory) => [
            {
                name: "native",
                path: "/",
                toolPrefix: "echo/",
                modern: true,
                command: (port) => [
                    join(directory, "bin/mcp-proxy"),
                    "--config",
                    writeNativeConfiguration(port),
                ],
            },
        ],
    },
    {
        name: "supergateway",
        kind: "npm",
        package: "supergateway",
        version: "4.0.0",
        bridges: (directory) => {
            const program = join(directory, "node_modules/supergateway/dist/index.js");
            const common = ["--stdio", server.join(" "), "--outputTransport", "streamableHttp"];
            const command = (port: number) => [
                execPath,
                program,
                ...common,
                "--logLevel",
                "none",
                "--port",
                `${port}`,
            ];
            const both = { path: "/mcp", toolPrefix: "", modern: false };
            return [
                {
                    ...both,
                    name: "supergateway",
                    command: (port) => [...command(port), "--stateful"],
                },
                { ...both, name: "supergateway-stateless", slow: true, command },
            ];
        },
    },
    {
        name: "mcp-proxy-npm",
        kind: "npm",
        package: "mcp-proxy",
        version: "6.7.19",
        bridges: (directory) => [
            {
                name: "mcp-proxy-npm",
                path: "/mcp",
                toolPrefix: "",
                modern: true,
                command: (port) => [
                    execPath,
                    join(directory, "node_modules/mcp-proxy/dist/bin/mcp-proxy.mjs"),
                    ...["--server", "stream", "--port", `${port}`, "--", ...server],
                ],
            },
        ],
    },
    {
        name: "mcp-proxy-pypi",
        kind: "pypi",
        package: "mcp-proxy",
        version: "0.13.0",
        bridges: (directory) => [
            {
                name: "mcp-proxy-pypi",
                path: "/mcp",
                toolPrefix: "",
                modern: false,
                command: (port) => [
                    join(directory, "bin/mcp-proxy"),
                    ...["--log-level", "ERROR", "--port", `${port}`, "--", ...server],
                ],
            },
        ],
    },
];

/** Prepares every bridge that was asked for; one that cannot be had is named with its reason. */
export async function prepareBridges(
    options: BenchOptions,
): Promise<{ bridges: Bridge[]; missing: Unavailable[] }> {
    const wanted = ({ name }: { name: string }) =>
        options.only.length === 0 || options.only.includes(name);
    const bridges = [ourBridge("slipway", options.bundle ?? buildBundle())];
    if (options.other !== undefined) bridges.push(ourBridge("other", options.other));
    bridges.push(bare);
    const missing: Unavailable[] = [];
    for (const peer of peers) {
        const { version } = peer;
        const described = peer.bridges(join("/", peer.name));
        if (!described.some(wanted)) continue;
        try {
            const directory = await installPeer(peer);
            for (const bridge of peer.bridges(directory)) bridges.push({ ...bridge, version });
        } catch (error) {
            const unavailable = (error as Error).message;
            missing.push(...described.map(({ name }) => ({ name, version, unavailable })));
        }
    }
    return { bridges: bridges.filter(wanted), missing: missing.filter(wanted) };
}

/** Bundles the bridge as its image does. */
function buildBundle(): string {
    const directory = join(scratch(), "bundle");
    const cwd = join(repository, "images/bridge");
    execFileSync(execPath, ["build.ts", directory], {
        cwd,
        stdio: ["ignore", "ignore", "inherit"],
    });
    const bundle = ["bridge.cjs", "bridge.mjs"]
        .map((name) => join(directory, name))
        .find((file) => existsSync(file));
    if (bundle === undefined) throw new Error("images/bridge/build.ts: made no bridge.cjs");
    return bundle;
}

function ourVersion(): string {
    const file = join(repository, "images/bridge/package.json");
    return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

function writeNativeConfiguration(port: number): string {
    const file = join(scratch(), `native-${port}.toml`);
    writeFileSync(
        file,
        `[proxy]
name = "bench"

[proxy.listen]
host = "127.0.0.1"
port = ${port}

# Without this table the crate logs two lines a call.
[observability]
log_level = "warn"

[[backends]]
name = "echo"
transport = "stdio"
command = ${JSON.stringify(server[0])}
args = ${JSON.stringify(server.slice(1))}
`,
    );
    return file;
}
