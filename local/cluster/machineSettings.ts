import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { paths } from "../paths.ts";
import { run } from "./run.ts";
import { writeText } from "./textFile.ts";

/** Former values of the kernel settings that the platform changes. */
interface Settings {
    /** Id of the boot they were recorded in: a reboot resets them, and makes the record obsolete. */
    boot: string;
    ipForward: string;
    /** Whether the module `br_netfilter` was present, loaded or built in. */
    bridgeNetfilter: boolean;
}

const record = join(paths.platform, "machine.json");
const forwarding = "/proc/sys/net/ipv4/ip_forward";
const bridgeNetfilter = "/proc/sys/net/bridge";

/** Enables IP forwarding, and packet rules for bridged traffic between pods. Records the former settings first. */
export async function changeMachineSettings(): Promise<void> {
    const boot = await readBoot();
    const noted = await readSettings();
    if (noted?.boot !== boot) {
        const settings: Settings = {
            boot,
            ipForward: (await readFile(forwarding, "utf8")).trim(),
            bridgeNetfilter: existsSync(bridgeNetfilter),
        };
        await writeText(record, JSON.stringify(settings));
    }
    // Without it, a pod that calls a Service on its own node gets replies from the wrong address.
    if (!existsSync(bridgeNetfilter)) await run("modprobe", ["br_netfilter"]);
    await writeFile(forwarding, "1");
}

/** Restores the settings that `changeMachineSettings` changed since the last boot. */
export async function restoreMachineSettings(): Promise<void> {
    const settings = await readSettings();
    if (settings?.boot === (await readBoot())) {
        await writeFile(forwarding, settings.ipForward);
        if (!settings.bridgeNetfilter && existsSync(bridgeNetfilter)) {
            // Another bridge may use it by now.
            await run("modprobe", ["-r", "br_netfilter"]).catch((error: unknown) => {
                console.log(
                    `kernel module br_netfilter: stays loaded; ${(error as Error).message}`,
                );
            });
        }
    }
    await rm(record, { force: true });
}

async function readSettings(): Promise<Settings | undefined> {
    const text = await readFile(record, "utf8").catch(() => undefined);
    return text === undefined ? undefined : (JSON.parse(text) as Settings);
}

async function readBoot(): Promise<string> {
    return (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
}
