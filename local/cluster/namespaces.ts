import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";

import { systemPath } from "./debianPackages.ts";
import { waitFor } from "./run.ts";
import { quote } from "./runScript.ts";

/** Options of a new set of namespaces. */
export interface NamespacesOptions {
    /** `cgroup.procs` files that the first process joins, so that it outlives the session that started it. */
    cgroupFiles: string[];
    /** Private directories, initially empty, that hide the machine's. */
    emptyDirectories: string[];
    /** Bind mounts: a file or directory by the path it is mounted at. */
    mounts: Record<string, string>;
    /** Command of the first process; all other processes end with it. */
    command: string[];
    logFile: string;
}

/** Starts `command` as first process of new network, mount and PID namespaces. Returns its id on the machine. */
export async function startNamespaces(options: NamespacesOptions): Promise<number> {
    const kinds = ["--net", "--mount", "--pid", "--fork", "--mount-proc"];
    const args = [...kinds, "--propagation", "private", "--", "sh", "-c", renderScript(options)];
    const log = openSync(options.logFile, "a", 0o600);
    const stdio = ["ignore", log, log] as const;
    const env = { PATH: systemPath };
    const child = spawn("unshare", args, { cwd: "/", detached: true, stdio: [...stdio], env });
    closeSync(log);
    child.unref();
    const children = `/proc/${child.pid}/task/${child.pid}/children`;
    const pid = await waitFor("the node's first process", 10, async () => {
        const [first] = (await readFile(children, "utf8")).trim().split(" ");
        return first === undefined || first === "" ? undefined : Number(first);
    });
    const name = basename(options.command[0] ?? "");
    await waitFor(`the node's '${name}' (log: ${options.logFile})`, 10, async () => {
        return (await readFile(`/proc/${pid}/comm`, "utf8")).trim() === name;
    });
    return pid;
}

function renderScript(options: NamespacesOptions): string {
    const { cgroupFiles, emptyDirectories, mounts, command } = options;
    return [
        "set -e",
        ...cgroupFiles.map((file) => `echo 0 >${quote(file)}`),
        // Mounts of one daemon must be visible to the others, but not to the machine.
        "mount --make-rshared /",
        ...emptyDirectories.map((path) => `mkdir -p ${path}; mount -t tmpfs tmpfs ${path}`),
        ...Object.entries(mounts).map(([place, source]) => {
            const make = `test -e ${place} || test -f ${quote(source)} || mkdir -p ${place}`;
            return `${make}; test ! -e ${place} || mount --bind ${quote(source)} ${place}`;
        }),
        `exec ${command.map(quote).join(" ")}`,
    ].join("\n");
}
