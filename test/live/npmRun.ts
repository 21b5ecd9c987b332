import { spawn } from "node:child_process";

import { projectRoot } from "../../local/stack.ts";

/** Runs one of the project's commands as a user would; its output is shown too, because it takes long. */
export function npmRun(...args: string[]): Promise<{ code: number | null; output: string }> {
    return new Promise((resolve, reject) => {
        const child = spawn("npm", ["run", ...args], {
            cwd: projectRoot,
            stdio: ["ignore", "pipe", "pipe"],
        });
        let output = "";
        for (const stream of [child.stdout, child.stderr]) {
            stream.setEncoding("utf8").on("data", (text: string) => {
                output += text;
                process.stdout.write(text);
            });
        }
        child.on("error", reject);
        child.on("close", (code) => resolve({ code, output }));
    });
}
