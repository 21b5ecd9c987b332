import { KubeConfig } from "@kubernetes/client-node";
import { execFile } from "node:child_process";
import { cp, symlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";

import { projectRoot } from "../../local/stack.ts";
import { runShown } from "../support/runShown.ts";
import { writeConfiguration } from "../testRun/configuration.ts";
import { openNodePort } from "../testRun/nodePort.ts";
import { testRun } from "../testRun/testRun.ts";

/** What is made anew, or is not the project's. */
const left = new Set(["node_modules", ".git", ".venv", "__pycache__", "dist", ".installing"]);

/** A copy of the project, as another reader has one: its dev stack goes to a place of its own. */
export class Checkout {
    readonly directory: string;
    /** Where the state of its stacks is. */
    readonly stacks: string;
    /** Namespace and realm of its dev stack. */
    readonly name: string;
    /** Port of its dev stack's gateway. */
    readonly port: number;

    private constructor(directory: string, stacks: string, name: string, port: number) {
        this.directory = directory;
        this.stacks = stacks;
        this.name = name;
        this.port = port;
    }

    /** Copies the project as it is now, changes that are not committed included. */
    static async make(label: string): Promise<Checkout> {
        const run = testRun();
        const name = `${run.name}-${label}`;
        const directory = join(run.directory, label);
        const kubeConfig = new KubeConfig();
        kubeConfig.loadFromDefault();
        await cp(projectRoot, directory, {
            recursive: true,
            filter: (source) => !left.has(basename(source)),
        });
        await symlink(join(projectRoot, "node_modules"), join(directory, "node_modules"));
        const port = await openNodePort(kubeConfig, run.name);
        await writeConfiguration(directory, "dev", { name, port, small: true });
        return new Checkout(directory, join(run.directory, `${label}-stacks`), name, port);
    }

    /** Commits the files as they are, as branch `main`. */
    async commit(): Promise<void> {
        await this.git("init", "--quiet", "--initial-branch", "main");
        // A link to a directory is not what .gitignore leaves out.
        await this.git("add", "--all", "--", ".", ":!node_modules");
        await this.git("commit", "--quiet", "--message", "Begin");
    }

    /** Another checkout of what is committed here, for the same stacks. */
    async clone(label: string): Promise<Checkout> {
        const directory = join(testRun().directory, label);
        await this.git("clone", "--quiet", this.directory, directory);
        await symlink(join(projectRoot, "node_modules"), join(directory, "node_modules"));
        return new Checkout(directory, this.stacks, this.name, this.port);
    }

    /** Runs git in it, as somebody. */
    async git(...args: string[]): Promise<void> {
        const author = ["-c", "user.name=reader", "-c", "user.email=reader@example.org"];
        await promisify(execFile)("git", [...author, ...args], { cwd: this.directory });
    }

    /** Runs one of the project's commands as a user would; its output is shown too, because it takes long. */
    npm(...args: string[]): Promise<{ code: number | null; output: string }> {
        return this.run("npm", ["run", ...args]);
    }

    /** Runs a program in it, for its stacks. */
    run(command: string, args: string[], environment: Record<string, string> = {}) {
        return runShown(command, args, {
            cwd: this.directory,
            env: { ...process.env, SLIPWAY_STACKS: this.stacks, ...environment },
        });
    }
}
