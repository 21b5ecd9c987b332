import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { projectRoot } from "../../local/stack.ts";
import { testRun } from "../testRun/testRun.ts";

/** The issuer of tokens, and the servers that they are for. */
export interface VerifiedSource {
    issuer: string;
    jwksUri: string;
    servers: { name: string; resource: string; scopes: string[] }[];
}

/** The token verifier as a process of this machine, for an issuer that pods do not reach. */
export class VerifierBeside {
    readonly #process: ChildProcess;
    readonly #port: number;

    private constructor(child: ChildProcess, port: number) {
        this.#process = child;
        this.#port = port;
    }

    static async start(source: VerifiedSource): Promise<VerifierBeside> {
        const file = join(testRun().directory, "verifier.json");
        await writeFile(file, JSON.stringify(source));
        const program = join(projectRoot, "images/bridge/src/verifier/main.ts");
        const child = spawn(process.execPath, [program], {
            // In the process group of the run, which an interruption ends.
            stdio: ["ignore", "inherit", "pipe"],
            env: { PORT: "0", SLIPWAY_MANAGEMENT_PORT: "0", SLIPWAY_VERIFIER_FILE: file },
        });
        const port = await new Promise<number>((resolve, reject) => {
            child.once("exit", (code) => reject(new Error(`the verifier ended with code ${code}`)));
            createInterface(child.stderr).on("line", (line) => {
                const [, found] = /"event":"listening".*"port":(\d+)/.exec(line) ?? [];
                if (found !== undefined) resolve(Number(found));
            });
        });
        return new VerifierBeside(child, port);
    }

    /** Asks as a gateway does, for a call of a server; gives the status. */
    async verify(server: string, token: string): Promise<number> {
        const headers = { authorization: `Bearer ${token}` };
        const { status } = await fetch(`http://127.0.0.1:${this.#port}/verify/${server}`, {
            headers,
        });
        return status;
    }

    async stop(): Promise<void> {
        const ended = once(this.#process, "exit");
        this.#process.kill("SIGTERM");
        await ended;
    }
}
