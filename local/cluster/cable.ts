import { writeFile } from "node:fs/promises";

import { addresses, ports } from "./addresses.ts";
import { run, succeeds } from "./run.ts";

const device = "slipway0";
const mark = ["-m", "comment", "--comment", "slipway"];

/** The machine's own rules for the cable: all of them carry the comment `slipway`. */
const rules: { table: string; chain: string; rule: string[] }[] = [
    // The node reaches the package registries as the machine does.
    {
        table: "nat",
        chain: "POSTROUTING",
        rule: ["-s", addresses.link, "!", "-o", device, "-j", "MASQUERADE"],
    },
    // Docker on the machine drops what it does not know.
    { table: "filter", chain: "FORWARD", rule: ["-i", device, "-j", "ACCEPT"] },
    { table: "filter", chain: "FORWARD", rule: ["-o", device, "-j", "ACCEPT"] },
    // https://localhost:30443 on the machine is the node's port; answers must find their way back.
    {
        table: "nat",
        chain: "POSTROUTING",
        rule: ["-s", "127.0.0.0/8", "-o", device, "-j", "MASQUERADE"],
    },
    ...Object.values(ports).map((port) => ({
        table: "nat",
        chain: "OUTPUT",
        rule: [
            ...["-d", "127.0.0.1", "-p", "tcp", "--dport", String(port)],
            ...["-j", "DNAT", "--to-destination", addresses.node],
        ],
    })),
];

/** Connects the node with this process id to the machine; safe to repeat. */
export async function plugCable(pid: number): Promise<void> {
    const inNode = (...args: string[]) => run("nsenter", ["-t", String(pid), "-n", "--", ...args]);
    if (!(await succeeds("nsenter", ["-t", String(pid), "-n", "--", "ip", "link", "show", "eth0"]))) {
        const mtu = await readMtu();
        const peer = ["peer", "name", "eth0", "mtu", mtu, "netns", String(pid)];
        await run("ip", ["link", "add", device, "mtu", mtu, "type", "veth", ...peer]);
        await run("ip", ["addr", "add", `${addresses.machine}/30`, "dev", device]);
        await inNode("ip", "addr", "add", `${addresses.node}/30`, "dev", "eth0");
    }
    await run("ip", ["link", "set", device, "up"]);
    await inNode("ip", "link", "set", "lo", "up");
    await inNode("ip", "link", "set", "eth0", "up");
    await inNode("ip", "route", "replace", "default", "via", addresses.machine);
    await inNode("sysctl", "-qw", "net.ipv4.ip_forward=1");
    await writeFile("/proc/sys/net/ipv4/ip_forward", "1");
    await writeFile(`/proc/sys/net/ipv4/conf/${device}/route_localnet`, "1");
    for (const { table, chain, rule } of rules) {
        const stated = ["-w", "-t", table, "-C", chain, ...rule, ...mark];
        if (await succeeds("iptables", stated)) continue;
        // First in its chain: a machine's own rule that drops or forwards must not come before.
        await run("iptables", ["-w", "-t", table, "-I", chain, ...rule, ...mark]);
    }
}

/** Takes away the cable and every rule of it. */
export async function unplugCable(): Promise<void> {
    await run("ip", ["link", "del", device]).catch(() => undefined);
    for (const { table, chain, rule } of rules) {
        while (await succeeds("iptables", ["-w", "-t", table, "-D", chain, ...rule, ...mark]));
    }
}

/** The largest packet that leaves the machine; a larger one from the node would be lost on some networks. */
async function readMtu(): Promise<string> {
    const route = JSON.parse(await run("ip", ["-j", "route", "show", "default"])) as {
        dev: string;
    }[];
    const dev = route[0]?.dev;
    if (dev === undefined) return "1500";
    const links = JSON.parse(await run("ip", ["-j", "link", "show", dev])) as { mtu: number }[];
    return String(links[0]?.mtu ?? 1500);
}
