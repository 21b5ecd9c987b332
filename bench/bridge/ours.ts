import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Bridge } from "./bridge.ts";
import { echoServer, repository } from "./files.ts";
import { scratch } from "./scratch.ts";

const sources = join(repository, "images/bridge");
const idle = ["--session-idle-seconds", "2"];

/** Our own bridge, or another build of it, run as its README says. */
export function ourBridge(name: string, bundle: string, flags: string[] = []): Bridge {
    const { version } = JSON.parse(readFileSync(join(sources, "package.json"), "utf8")) as {
        version: string;
    };
    const { execPath } = process;
    // As its first line says, which a shell would follow.
    const [, runtimeFlags = ""] = /^#!.*?node ?(.*)\n/.exec(readFileSync(bundle, "utf8")) ?? [];
    const runtime = [execPath, ...runtimeFlags.split(" ").filter((flag) => flag !== "")];
    return {
        name,
        version,
        path: "/mcp",
        toolPrefix: "",
        modern: true,
        rest: true,
        shortSessions: [
            [...idle, "--isolation", "shared"],
            [...idle, "--isolation", "session"],
        ],
        ownProcesses: ["--isolation", "session"],
        command: (port, more) => [
            ...[...runtime, bundle, "--port", String(port), ...flags, ...more],
            ...["--", execPath, echoServer],
        ],
    };
}

/** Bundles the bridge as its image does. */
export function buildBundle(): string {
    const directory = join(scratch(), "bundle");
    execFileSync(process.execPath, ["build.ts", directory], {
        cwd: sources,
        stdio: ["ignore", "ignore", "inherit"],
    });
    const bundle = join(directory, "bridge.cjs");
    if (!existsSync(bundle)) throw new Error("images/bridge/build.ts: made no 'bridge.cjs'");
    return bundle;
}
