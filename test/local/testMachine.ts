import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { waitFor } from "../../local/cluster/run.ts";
import { testRun } from "../testRun/testRun.ts";
import { placeControlGroups, removeControlGroups } from "./controlGroups.ts";

/**
 * A machine for one test: new namespaces, as on a freshly booted computer, with the files of the real machine.
 *
 * A platform in it is isolated from the one outside. It has no network but its loopback, so all builds and downloads
 * must be in the cache: start the platform outside first.
 */
export class TestMachine {
    readonly #name: string;
    /** Directory of the real machine with the data that survive reboots of this one. */
    protected readonly directory: string;
    /** Command of the machine's first process. */
    protected readonly bootCommand: string[];
    #pid = 0;

    protected constructor(directory: string, script = "machine.sh") {
        this.directory = directory;
        this.bootCommand = ["sh", join(import.meta.dirname, script), directory];
        this.#name = `${testRun().name}-${process.pid}`;
    }

    static async boot(): Promise<TestMachine> {
        const machine = new TestMachine(await mkdtemp(join(tmpdir(), "slipway-machine-")));
        for (const name of ["run", "var", "work"]) await mkdir(join(machine.directory, name));
        await machine.start();
        return machine;
    }

    /** Process id of the machine's first process on the real machine. */
    get pid(): number {
        return this.#pid;
    }

    /** Directory of the platform's state on this machine. */
    get state(): string {
        return join(this.directory, "state/slipway");
    }

    /** Runs a program and returns its output. */
    async run(command: string, ...args: string[]): Promise<string> {
        const options = { env: this.environment(), maxBuffer: 64 << 20 };
        return (await promisify(execFile)("nsenter", this.enter(command, args), options)).stdout;
    }

    /** Arguments of `nsenter` to run a program on this machine. */
    protected enter(command: string, args: string[]): string[] {
        return ["-t", String(this.#pid), "-n", "-m", "-p", "-C", "--", command, ...args];
    }

    /** Environment of programs. */
    protected environment(): NodeJS.ProcessEnv {
        return { ...process.env, XDG_STATE_HOME: join(this.directory, "state") };
    }

    /** Writes a file below the machine's /run. */
    async writeRun(path: string, text: string): Promise<void> {
        await writeFile(join(this.directory, "run", path), text);
    }

    /** Runs a function of local/platform.ts in a separate process. Returns its output. */
    platform(name: "ensurePlatform" | "removePlatform"): Promise<string> {
        return this.call("platform.ts", name);
    }

    /** Runs a function of a module of local/ in a separate process. Returns its output. */
    call(module: string, name: string): Promise<string> {
        const path = join(import.meta.dirname, "../../local", module);
        const program = `
            const module = await import(${JSON.stringify(path)});
            await module[${JSON.stringify(name)}]().catch(({ message }) => {
                console.error(message);
                process.exitCode = 1;
            });
        `;
        return this.run(process.execPath, "--input-type=module", "--eval", program);
    }

    /** Kills all processes at once and boots again with the same files, including those of /run. */
    async reboot(): Promise<void> {
        await this.#halt();
        await this.start();
    }

    async remove(): Promise<void> {
        await this.#halt();
        await rm(this.directory, { recursive: true, force: true });
        await removeControlGroups(this.#name);
    }

    protected async start(): Promise<void> {
        for (const group of await placeControlGroups(this.#name)) {
            await mkdir(group, { recursive: true });
            for (const file of ["cpuset.cpus", "cpuset.mems"]) {
                if (existsSync(join(group, "cgroup.controllers"))) continue;
                if (!existsSync(join(group, file))) continue;
                await writeFile(join(group, file), await readFile(join(group, "..", file)));
            }
        }
        const groups = await placeControlGroups(this.#name);
        const enter = groups.map((group) => `echo 0 >${group}/cgroup.procs`);
        const namespaces = ["--cgroup", "--net", "--mount", "--pid", "--fork"];
        const boot = [
            ...["unshare", ...namespaces, "--propagation", "private", "--"],
            ...this.bootCommand,
        ];
        const child = spawn("sh", ["-c", [...enter, `exec ${boot.join(" ")}`].join("\n")], {
            stdio: ["ignore", "inherit", "inherit"],
        });
        const children = `/proc/${child.pid}/task/${child.pid}/children`;
        this.#pid = await waitFor("the test machine", 10, async () => {
            const [pid] = (await readFile(children, "utf8")).trim().split(" ");
            if (pid === undefined || pid === "") return undefined;
            const name = await readFile(`/proc/${pid}/comm`, "utf8");
            return name === "sleep\n" ? Number(pid) : undefined;
        });
    }

    async #halt(): Promise<void> {
        process.kill(this.#pid, "SIGKILL");
        await waitFor("the halt of the test machine", 60, () =>
            Promise.resolve(!existsSync(`/proc/${this.#pid}/stat`)),
        );
    }
}
