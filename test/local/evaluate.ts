import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const local = join(import.meta.dirname, "../../local");

/**
 * Evaluates the source of a module in a separate process with an empty home directory. Returns its output and exit
 * code.
 *
 * In the source, `load("paths.ts")` imports a module of `local/`.
 */
export async function evaluate(
    text: string,
): Promise<{ stdout: string; stderr: string; code: number }> {
    const home = await mkdtemp(join(tmpdir(), "slipway-home-"));
    const prologue = `const load = (name) => import(${JSON.stringify(local)} + "/" + name);`;
    const env = { PATH: process.env["PATH"], HOME: home };
    const args = ["--input-type=module", "--eval", `${prologue}\n${text}`];
    try {
        const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { env });
        return { stdout, stderr, code: 0 };
    } catch (error) {
        return error as { stdout: string; stderr: string; code: number };
    } finally {
        await rm(home, { recursive: true, force: true });
    }
}
