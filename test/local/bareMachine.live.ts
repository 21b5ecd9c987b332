import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { devServers } from "../support/devServers.ts";
import { BareMachine } from "./bareMachine.ts";
import { killDaemons } from "./killDaemons.ts";

describe("a bare machine", function () {
    // It installs Debian's packages and npm's, and Keycloak and all servers start anew.
    this.timeout(20 * 60_000);
    let machine: BareMachine;
    let initial: Traces;

    before(async () => {
        machine = await BareMachine.boot();
        initial = await readTraces(machine);
    });

    after(() => machine.remove());

    it("deploys and calls all servers through their URLs by the README's first command", async () => {
        // One program is built from nothing, so that a compiler is found or fetched.
        await machine.run("sh", "-c", "rm -rf /root/.cache/slipway/bin/pause-*");
        const { code, output } = await machine.npm("run", "up");
        assert.equal(code, 0, output);
        assert.match(output, /^✔ build pause from Go modules/m);
        assertVerified(output);
    });

    it("makes private keys and kubeconfigs readable by root only", async () => {
        // Where the platform writes them; elsewhere its daemons make and remove files meanwhile.
        const places = ["certificates", "kubeconfigs", "configs"];
        const found = await machine.run(
            "grep",
            ...["-rlE", "PRIVATE KEY|client-key-data"],
            ...places.map((place) => `${machineState}/platform/${place}`),
        );
        const kept = found.trim().split("\n");
        assert.ok(kept.length >= 15, kept.join("\n"));
        const modes = (await machine.run("stat", "-c", "%a %n", ...kept)).trim().split("\n");
        for (const line of modes) assert.match(line, /^600 /);
    });

    it("passes those checks of the README's second command that need no platform", async () => {
        const { code, output } = await machine.npm("run", "check");
        assert.equal(code, 0, output.slice(-20_000));
        assert.match(output, /^[1-9]\d* passed, 0 failed$/m);
    });

    it("completes an update although every daemon is killed at each vulnerable moment", async () => {
        const { code: destroyed, output: said } = await machine.npm("run", "down");
        assert.equal(destroyed, 0, said);
        const waiting = new Map(Object.entries(moments));
        const kills: Promise<number>[] = [];
        const watch = (output: string) => {
            for (const [moment, words] of waiting) {
                if (!words.test(output)) continue;
                waiting.delete(moment);
                kills.push(killDaemons(machine));
            }
        };
        const { code, output } = await machine.watchNpm(watch, "run", "up");
        for (const killed of await Promise.all(kills)) assert.ok(killed >= 9, `${killed} daemons`);
        assert.deepEqual([...waiting.keys()], [], "moments that were missed");
        assert.equal(code, 0, output);
        assertVerified(output);
    });

    it("is unchanged after removal except for what the README lists", async () => {
        const { code, output } = await machine.npm("run", "down", "--", "--platform");
        assert.equal(code, 0, output);
        assert.deepEqual(await readTraces(machine), initial);
        // Changes since the installation of Debian's packages, which stay.
        const outside = ["-path", "/mnt", "-prune", "-o"];
        const newer = ["-cnewer", "/var/log/dpkg.log", "-not", "-type", "d", "-print"];
        const find = ["/", "-xdev", ...outside, ...newer];
        const changed = (await machine.run("find", ...find)).trim().split("\n");
        assert.deepEqual(
            changed.filter((file) => !named.some((place) => file.startsWith(place))),
            [],
        );
        assert.equal(existsSync(machine.state), false);
        assert.equal(existsSync(join(machine.root, "run/slipway")), false);
    });

    it("names the missing program when the package table lacks an entry", async () => {
        await machine.run("apt-get", "purge", "-y", "containernetworking-plugins");
        const table = "/root/slipway/local/cluster/debianPackages.ts";
        const entry =
            '/what: `network plugins/,/isThere/c\\what: "nothing", packages: [], isThere: () => true,';
        await machine.run("sed", "-i", entry, table);
        const { code, output } = await machine.npm("run", "up");
        assert.equal(code, 1, output);
        assert.match(
            output,
            /network plugins: one directory must have bridge, host-local, loopback/,
        );
        assert.match(output, /\/usr\/lib\/cni lacks bridge, host-local, loopback, portmap/);
        assert.match(output, /apt-get install --reinstall containernetworking-plugins/);
    });
});

/** Output at the most vulnerable moments of an update. */
const moments = {
    "images are built and pushed": /^ {2}Image \S+ {2}Step /m,
    "Keycloak makes a realm and its clients": /^\+ (Client|ClientScope) /m,
    // The Service of a server comes with its Deployment, and does not wait for pods.
    "servers are waited for": /^\+ Service (add-numbers|fetch)-service /m,
};

/** Checks that every server of the dev stack was called through its URL. */
function assertVerified(output: string): void {
    for (const [server, path] of Object.entries(devServers)) {
        const url = `https://localhost:30443${path}`;
        assert.match(output, new RegExp(`^✔ ${server} {2}${url} `, "m"));
    }
}

const machineState = "/root/.local/state/slipway";

/** Paths that may remain according to the README: the checkout, caches, apt's records of its packages. */
const named = [
    ...[
        "/root/slipway/",
        "/root/.cache/",
        "/root/.npm/",
        "/root/go/",
        "/root/.config/go/",
        "/root/.pulumi/",
    ],
    ...["/var/lib/apt/", "/var/lib/dpkg/", "/var/log/", "/var/cache/"],
];

/** Traces of a running platform that other programs could notice. */
interface Traces {
    processes: string[];
    mounts: string;
    links: string;
    rules: string[];
    forwarding: string;
}

async function readTraces(machine: BareMachine): Promise<Traces> {
    const processes = await machine.run("sh", "-c", "cat /proc/[0-9]*/comm");
    const rules = await machine.rules();
    return {
        processes: processes.trim().split("\n").sort(),
        mounts: await machine.run("cat", "/proc/mounts"),
        links: await machine.run("ls", "/sys/class/net"),
        rules: rules.split("\n").filter((line) => line.startsWith("-A")),
        forwarding: await machine.run("cat", "/proc/sys/net/ipv4/ip_forward"),
    };
}
