import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

import { readMtu } from "../../local/cluster/cable.ts";
import { readNameServers } from "../../local/cluster/resolverFile.ts";
import { run, succeeds } from "../../local/cluster/run.ts";
import { baseImages } from "../../local/mirror/baseImages.ts";
import { downloads, fetchDownload } from "../../local/mirror/downloads.ts";
import { readRecipeKeys } from "../../local/mirror/recipeKeys.ts";
import { ensureRootFileSystem } from "../../local/mirror/rootFileSystem.ts";
import { paths } from "../../local/paths.ts";
import { step } from "../../local/steps.ts";
import { runShown } from "../support/runShown.ts";
import { testRun } from "../testRun/testRun.ts";
import { TestMachine } from "./testMachine.ts";

/** What of the real machine's downloads and builds a bare machine has at hand. */
export type Caches = "real" | "empty";

/** Where the machine has its clone of this checkout. */
const checkout = "/root/slipway";

interface Network {
    /** Name of the cable's end on the real machine. */
    device: string;
    outside: string;
    inside: string;
    link: string;
}

const network: Network = {
    device: "slipway-bare",
    outside: "10.203.8.1",
    inside: "10.203.8.2",
    link: "10.203.8.0/30",
};

/**
 * A machine with a root file system of its own: Debian with git, Node 20 and npm, which is what the README asks of its
 * reader, and a fresh clone of this checkout. Nothing that is installed on the real machine is seen in it; its network leads
 * to the package registries.
 *
 * Builds and downloaded packages of the real machine are at hand where they would be in its own caches, unless it is
 * booted with empty ones. What it writes there, and everything else it does, goes with it.
 */
export class BareMachine extends TestMachine {
    #forwarding: string | undefined;

    static override async boot({
        caches = "real",
    }: { caches?: Caches } = {}): Promise<BareMachine> {
        const archive = await ensureRootArchive();
        const directory = await mkdtemp(join(tmpdir(), "slipway-bare-"));
        const machine = new BareMachine(directory, "bareMachine.sh");
        const root = join(directory, "root");
        await mkdir(root);
        await run("tar", ["-C", root, "--numeric-owner", "-xf", archive]);
        const servers = (await readNameServers()).map((server) => `nameserver ${server}\n`);
        await writeFile(join(root, "etc/resolv.conf"), servers.join(""));
        await machine.#offer(
            "checkout",
            join(import.meta.dirname, "../.."),
            "/mnt/slipway.git",
            false,
        );
        if (caches === "real") await machine.#offerCaches();
        await machine.start();
        await machine.run("git", "clone", "--quiet", "/mnt/slipway.git", checkout);
        return machine;
    }

    override get state(): string {
        return join(this.root, "root/.local/state/slipway");
    }

    /** The machine's root directory as the real machine sees it. */
    get root(): string {
        return join(this.directory, "root");
    }

    /** Runs npm in the checkout as a reader would; its output is shown too, because it takes long. */
    npm(...args: string[]): Promise<{ code: number | null; output: string }> {
        return this.watchNpm(undefined, ...args);
    }

    /** The same; `watch` takes all that was printed each time that there is more. */
    watchNpm(
        watch: ((output: string) => void) | undefined,
        ...args: string[]
    ): Promise<{ code: number | null; output: string }> {
        const enter = super.enter("env", [`--chdir=${checkout}`, "npm", ...args]);
        return runShown("nsenter", enter, { env: this.environment() }, watch);
    }

    /** The packet rules of this machine, which itself may have no program that lists them. */
    rules(): Promise<string> {
        return run("nsenter", ["-t", String(this.pid), "-n", "--", "iptables-save"]);
    }

    override async remove(): Promise<void> {
        await super.remove();
        await this.#unplug();
    }

    protected override enter(command: string, args: string[]): string[] {
        return super.enter("env", ["--chdir=/root", command, ...args]);
    }

    /** That of a login shell, and what the real machine's user was told to set for its network. */
    protected override environment(): NodeJS.ProcessEnv {
        const network = Object.entries(process.env).filter(([name]) =>
            /^(https?|no)_proxy$|^(NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|PIP_CERT)$/i.test(name),
        );
        return {
            PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            HOME: "/root",
            LANG: "C.UTF-8",
            CI: "true",
            ...Object.fromEntries(network),
        };
    }

    protected override async start(): Promise<void> {
        await super.start();
        await this.#plug();
    }

    async #offerCaches(): Promise<void> {
        const cache = join(paths.cache, "bare-packages");
        await mkdir(join(cache, "partial"), { recursive: true });
        await this.#offer("packages", cache, "/var/cache/apt/archives", false);
        await this.#offer("builds", paths.cache, "/root/.cache/slipway", true);
        const npm = (await run("npm", ["config", "get", "cache"])).trim();
        if (existsSync(npm)) await this.#offer("npm", npm, "/root/.npm", true);
        const pip = join(homedir(), ".cache/pip");
        if (existsSync(pip)) await this.#offer("pip", pip, "/root/.cache/pip", true);
    }

    /** Shows a directory of the real machine at a place of this one; what is written there stays here if `own`. */
    async #offer(name: string, source: string, place: string, own: boolean): Promise<void> {
        const mount = join(this.directory, "mounts", name);
        await mkdir(mount, { recursive: true });
        await writeFile(join(mount, "source"), source);
        await writeFile(join(mount, "place"), place);
        if (!own) return;
        await mkdir(join(mount, "upper"));
        await mkdir(join(mount, "work"));
    }

    /** Connects the machine to the real one, which forwards and masquerades for it. */
    async #plug(): Promise<void> {
        const { device, outside, inside } = network;
        const inMachine = (...command: string[]) =>
            run("nsenter", ["-t", String(this.pid), "-n", "--", ...command]);
        await run("ip", ["link", "del", device]).catch(() => undefined);
        const mtu = String(await readMtu());
        const peer = ["peer", "name", "eth0", "mtu", mtu, "netns", String(this.pid)];
        await run("ip", ["link", "add", device, "mtu", mtu, "type", "veth", ...peer]);
        await run("ip", ["addr", "add", `${outside}/30`, "dev", device]);
        await run("ip", ["link", "set", device, "up"]);
        await inMachine("ip", "addr", "add", `${inside}/30`, "dev", "eth0");
        await inMachine("ip", "link", "set", "eth0", "up");
        await inMachine("ip", "route", "add", "default", "via", outside);
        // As on a new machine; a new network namespace has the real one's setting.
        await inMachine("sh", "-c", "echo 0 >/proc/sys/net/ipv4/ip_forward");
        const forwarding = "/proc/sys/net/ipv4/ip_forward";
        this.#forwarding ??= await readFile(forwarding, "utf8");
        await writeFile(forwarding, "1");
        for (const rule of rules) {
            if (!(await succeeds("iptables", rule("-C")))) await run("iptables", rule("-I"));
        }
    }

    async #unplug(): Promise<void> {
        await run("ip", ["link", "del", network.device]).catch(() => undefined);
        for (const rule of rules) await run("iptables", rule("-D")).catch(() => undefined);
        if (this.#forwarding !== undefined) {
            await writeFile("/proc/sys/net/ipv4/ip_forward", this.#forwarding);
        }
    }
}

/** The real machine's rules for the cable, for each action of iptables. */
const rules = [
    ["nat", "POSTROUTING", "-s", network.link, "!", "-o", network.device, "-j", "MASQUERADE"],
    ["filter", "FORWARD", "-i", network.device, "-j", "ACCEPT"],
    ["filter", "FORWARD", "-o", network.device, "-j", "ACCEPT"],
].map(([table = "", chain = "", ...rule]) => (action: string) => [
    ...["-w", "-t", table, action, chain, ...rule],
    ...["-m", "comment", "--comment", testRun().name],
]);

/** The root file system as a tar file; made once for each version of what it is made from. */
async function ensureRootArchive(): Promise<string> {
    const script = join(import.meta.dirname, "bareRoot.sh");
    const debian = baseImages.find(({ name }) => name === "debian")!;
    const debianKey = (await readRecipeKeys([debian])).get(debian.name) ?? "";
    const parts = [await readFile(script, "utf8"), downloads.npm.integrity, debianKey];
    const key = createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
    const directory = join(paths.cache, "bare");
    const archive = join(directory, `${key}.tar`);
    if (existsSync(archive)) return archive;
    await mkdir(directory, { recursive: true });
    return step("root file system of a bare machine", async (log) => {
        const npm = await fetchDownload(downloads.npm, log);
        const root = await ensureRootFileSystem(debian, debianKey, log);
        const namespaces = ["--mount", "--pid", "--fork", "--mount-proc", "--kill-child"];
        await log.run("unshare", [
            ...[...namespaces, "--propagation", "private", "--"],
            ...["sh", script, archive, root, npm],
        ]);
        return archive;
    });
}
