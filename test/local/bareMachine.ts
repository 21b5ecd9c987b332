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

/** Whether a bare machine gets the real machine's downloads and builds, or empty caches. */
export type Caches = "real" | "empty";

/** Where the machine has its clone of this checkout. */
const checkout = "/root/slipway";

interface Network {
    /** Name of the veth interface on the real machine. */
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
 * A machine with its own root file system: Debian with git, Node 20 and npm, as the README requires, and a fresh clone of
 * this checkout. It has none of the programs installed on the real machine; its network reaches the package registries.
 *
 * Builds and downloaded packages of the real machine are mounted in its caches, unless it is booted with empty ones.
 * Everything it writes is deleted with it.
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

    /** Path of the machine's root directory on the real machine. */
    get root(): string {
        return join(this.directory, "root");
    }

    /** Runs npm in the checkout; its output is also printed, because it takes long. */
    npm(...args: string[]): Promise<{ code: number | null; output: string }> {
        return this.watchNpm(undefined, ...args);
    }

    /** The same; `watch` is called with the whole output so far whenever there is more. */
    watchNpm(
        watch: ((output: string) => void) | undefined,
        ...args: string[]
    ): Promise<{ code: number | null; output: string }> {
        const enter = super.enter("env", [`--chdir=${checkout}`, "npm", ...args]);
        return runShown("nsenter", enter, { env: this.environment() }, watch);
    }

    /** Packet rules of this machine, listed from outside, because it may lack iptables. */
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

    /** Environment of a login shell, and the network variables (proxy, certificates) of the real machine's user. */
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

    /** Mounts a directory of the real machine into this one; with `own`, writes stay in this machine. */
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
        // As on a new machine; a new network namespace inherits the real one's setting.
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

/** The real machine's rules for the veth pair, for an action of iptables. */
const rules = [
    ["nat", "POSTROUTING", "-s", network.link, "!", "-o", network.device, "-j", "MASQUERADE"],
    ["filter", "FORWARD", "-i", network.device, "-j", "ACCEPT"],
    ["filter", "FORWARD", "-o", network.device, "-j", "ACCEPT"],
].map(([table = "", chain = "", ...rule]) => (action: string) => [
    ...["-w", "-t", table, action, chain, ...rule],
    ...["-m", "comment", "--comment", testRun().name],
]);

/** The root file system as a tar file, built once per version of its inputs. */
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
