import { readFile } from "node:fs/promises";

/**
 * Returns the boot id and clock tick at which a process started, which identify it. Undefined when there is no such
 * process, or only a zombie.
 *
 * A process id alone is not enough: it is reused after the process ends, and after a reboot.
 */
export async function readStartTime(pid: number): Promise<string | undefined> {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
    // The name, in parentheses, may contain spaces and parentheses.
    const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields === undefined || fields[0] === "Z" || fields[0] === "X") return undefined;
    const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
    return `${boot.trim()}/${fields[19]}`;
}
