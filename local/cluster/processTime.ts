import { readFile } from "node:fs/promises";

/**
 * Says which process has this id: the boot and the clock tick it started in. Undefined when there is none, or only its
 * remains.
 *
 * An id alone is not enough: after its process ended, or after a reboot, it belongs to another one.
 */
export async function readStartTime(pid: number): Promise<string | undefined> {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
    // The name, in parentheses, may itself have spaces and parentheses.
    const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields === undefined || fields[0] === "Z" || fields[0] === "X") return undefined;
    const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
    return `${boot.trim()}/${fields[19]}`;
}
