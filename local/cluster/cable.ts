import { writeFile } from "node:fs/promises";

import { addresses } from "./addresses.ts";
import { addNodeRules, addRules, removeRules } from "./firewall.ts";
import { changeMachineSettings } from "./machineSettings.ts";
import { run, succeeds } from "./run.ts";

const device = "slipway0";

/** Connects the node with this process id to the machine by a veth pair. Idempotent. */
export async function plugCable(pid: number): Promise<void> {
    const inNode = (...args: string[]) => run("nsenter", ["-t", String(pid), "-n", "--", ...args]);
    const plugged =
        (await succeeds("ip", ["link", "show", device])) &&
        (await succeeds("nsenter", ["-t", String(pid), "-n", "--", "ip", "link", "show", "eth0"]));
    if (!plugged) {
        // The veth pair of a killed node may exist for a moment longer.
        await run("ip", ["link", "del", device]).catch(() => undefined);
        const mtu = String(await readMtu());
        const peer = ["peer", "name", "eth0", "mtu", mtu, "netns", String(pid)];
        await run("ip", ["link", "add", device, "mtu", mtu, "type", "veth", ...peer]);
    }
    await run("ip", ["addr", "replace", `${addresses.machine}/30`, "dev", device]);
    await run("ip", ["link", "set", device, "up"]);
    await inNode("ip", "addr", "replace", `${addresses.node}/30`, "dev", "eth0");
    await inNode("ip", "link", "set", "lo", "up");
    await inNode("ip", "link", "set", "eth0", "up");
    await inNode("ip", "route", "replace", "default", "via", addresses.machine);
    await inNode("sysctl", "-qw", "net.ipv4.ip_forward=1");
    await changeMachineSettings();
    await inNode("sysctl", "-qw", "net.bridge.bridge-nf-call-iptables=1");
    // The registry listens on the node's loopback. Packets of the machine alone are redirected there.
    await inNode("sysctl", "-qw", "net.ipv4.conf.eth0.route_localnet=1");
    await writeFile(`/proc/sys/net/ipv4/conf/${device}/route_localnet`, "1");
    await addRules(device);
    await addNodeRules(inNode);
}

/** Removes the veth pair and its packet rules. */
export async function unplugCable(): Promise<void> {
    await run("ip", ["link", "del", device]).catch(() => undefined);
    await removeRules();
}

/** MTU of the machine's uplink; some networks drop larger packets of the node. */
export async function readMtu(): Promise<number> {
    const route = JSON.parse(await run("ip", ["-j", "route", "show", "default"])) as {
        dev: string;
    }[];
    const dev = route[0]?.dev;
    if (dev === undefined) return 1500;
    const links = JSON.parse(await run("ip", ["-j", "link", "show", dev])) as { mtu: number }[];
    return links[0]?.mtu ?? 1500;
}
