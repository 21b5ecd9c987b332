import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync, readlinkSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import type { Bridge } from "./bridge.ts";
import { bridgeCore, pinned } from "./cores.ts";
import { McpConnection, type Target } from "./mcpConnection.ts";
import { findProcesses, type BridgeProcesses } from "./processUse.ts";
import { scratch } from "./scratch.ts";

/** How long a bridge may take until it answers; the Python one needs seconds on a loaded machine. */
const startMs = 60_000;
/** How long a bridge may take to end after SIGTERM before it is killed. */
const stopMs = 10_000;

/** A bridge that answers. */
export interface RunningBridge {
    bridge: Bridge;
    pid: number;
    target: Target;
    /** Time from its start to its first list of tools. */
    coldStartMs: number;
    processes(): BridgeProcesses;
    /** Asks it to end, which is not waited for. */
    terminate(): void;
    /** Resolves when its process has ended. */
    ended: Promise<void>;
    /** Ends it, by force if need be, and what it leaves behind. */
    stop(): Promise<void>;
}

/**
 * Starts a bridge on its core and waits until a call through it is answered.
 *
 * @param at where it listens, as its flags say (default 127.0.0.1 and a free port)
 */
export async function startBridge(
    bridge: Bridge,
    more: string[] = [],
    at?: { address: string; port: number },
): Promise<RunningBridge> {
    const port = at?.port ?? (await findFreePort());
    const [command = "", ...args] = pinned(bridgeCore, bridge.command(port, more));
    const log = join(scratch(), `${bridge.name}-${port}.log`);
    const output = openSync(log, "w");
    const started = performance.now();
    // A file for what it logs, as in a pod; not a pipe to this process, whose reading would be measured too.
    const child = spawn(command, args, { cwd: scratch(), stdio: ["ignore", output, output] });
    closeSync(output);
    const { pid } = child;
    if (pid === undefined) {
        await once(child, "error").catch(() => undefined);
        throw new Error(`${bridge.name}: '${command}' could not be started`);
    }
    let running = true;
    const ended = new Promise<void>((resolve) => {
        child.once("exit", () => {
            running = false;
            resolve();
        });
    });
    const target: Target = {
        port,
        path: bridge.path,
        era: "legacy",
        toolPrefix: bridge.toolPrefix,
        ...(at === undefined ? {} : { at: { address: at.address, host: `${at.address}:${port}` } }),
        ...(bridge.token === undefined ? {} : { token: bridge.token }),
    };
    const stop = async () => {
        const known = findProcesses(pid);
        child.kill("SIGTERM");
        const timer = setTimeout(() => child.kill("SIGKILL"), stopMs);
        if (running) await ended;
        clearTimeout(timer);
        killRest([...known.own, ...known.servers]);
    };

    let problem = "nothing was tried";
    while (running && performance.now() - started < startMs) {
        const first = new McpConnection(target);
        try {
            await first.open();
            await first.request("tools/list", {});
            const coldStartMs = performance.now() - started;
            await first.call("echo", { text: "first" }, "first");
            await first.end().catch(() => undefined);
            return {
                bridge,
                pid,
                target,
                coldStartMs,
                processes: () => findProcesses(pid),
                terminate: () => void child.kill("SIGTERM"),
                ended,
                stop,
            };
        } catch (error) {
            problem = (error as Error).message;
            first.close();
            await new Promise((resolve) => setTimeout(resolve, 2));
        }
    }
    await stop();
    // On the screen only: it names paths that have no place in a committed result.
    console.error(readFileSync(log, "utf8").slice(-2000));
    throw new Error(`${bridge.name}: does not answer: ${problem}`);
}

/** Kills what a stopped bridge left running, and nothing that got one of its process ids since. */
function killRest(pids: number[]): void {
    for (const pid of pids) {
        try {
            if (readlinkSync(`/proc/${pid}/cwd`) === scratch()) process.kill(pid, "SIGKILL");
        } catch {
            // Gone, which is what was wanted.
        }
    }
}

/** A port that nobody listens at. */
export async function findFreePort(): Promise<number> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    return port;
}
