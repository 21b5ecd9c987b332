import { readFile } from "node:fs/promises";

/** When a process started, in clock ticks since boot; undefined when there is none, or only its remains. */
export async function readStartTime(pid: number): Promise<string | undefined> {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
    const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields === undefined || fields[0] === "Z" ? undefined : fields[19];
}
