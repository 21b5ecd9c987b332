import { projectRoot } from "../../local/stack.ts";
import { runShown } from "../support/runShown.ts";

/** Runs one of the project's commands as a user would; its output is shown too. */
export function npmRun(...args: string[]): Promise<{ code: number | null; output: string }> {
    return runShown("npm", ["run", ...args], { cwd: projectRoot });
}
