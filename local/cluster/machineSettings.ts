import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { paths } from "../paths.ts";
import { run } from "./run.ts";
import { writeText } from "./textFile.ts";

/** Settings of the machine's kernel that the platform changes, as they were before. */
interface Settings {
    /** A reboot sets everything anew, and what was recorded before it counts no more. */
    boot: string;
    ipForward: string;
    /** Whether the module `br_netfilter` was there, loaded or built in. */
    bridgeNetfilter: boolean;
}

const record = join(paths.platform, "machine.json");
const forwarding = "/proc/sys/net/ipv4/ip_forward";
const bridgeNetfilter = "/proc/sys/net/bridge";

/** Lets the machine forward packets, and lets rules see those between pods; notes once what it was like before. */
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
    // Without it a pod that calls a Service of its own node gets the answer from an address it never asked.
    if (!existsSync(bridgeNetfilter)) await run("modprobe", ["br_netfilter"]);
    await writeFile(forwarding, "1");
}

/** Puts back what `changeMachineSettings` changed since the machine was started. */
export async function restoreMachineSettings(): Promise<void> {
    const settings = await readSettings();
    if (settings?.boot === (await readBoot())) {
        await writeFile(forwarding, settings.ipForward);
        if (!settings.bridgeNetfilter && existsSync(bridgeNetfilter)) {
            // Somebody else's bridge may use it by now.
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
