import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";

import { testRun } from "../testRun/testRun.ts";
import { Checkout } from "./checkout.ts";

/** Longest time from the creation of a server's pods to the reason on the screen. */
const longestMs = 30_000;

interface Mistake {
    /** What the entry of a server has wrong, beside what every entry has. */
    entry: Record<string, unknown>;
    /** What must stand on the screen: the reason, what the pod says itself, and what to change. */
    told: RegExp;
}

/** A server in Perl, which is in the image of the gateway. */
const perl = (script: string, others: Record<string, unknown> = {}) => ({
    source: { image: "nginx:1.31.3" },
    runAsUser: 1000,
    command: ["perl", "-MIO::Socket::INET", "-e", script],
    ...others,
});

const mistakes: Record<string, Mistake> = {
    root: {
        entry: { source: { image: "nginx:1.31.3" } },
        told: /image will run as root.*; set runAsUser to a number other than 0/,
    },
    absent: {
        entry: { source: { image: "localhost:30500/nowhere:1.0.0" } },
        told: /(ErrImagePull|ImagePullBackOff): .*nowhere:1\.0\.0: not found.*; push the image, or correct its name or tag/,
    },
    command: {
        entry: perl("", { command: ["/serve"] }),
        told: /ended with code 12[78].*\/serve.*no such file or directory.*; correct the command/,
    },
    crash: {
        entry: perl('die "the key is not set\\n"'),
        told: /ended with code 255, restart \d+.*; it said: the key is not set; correct the server's program/,
    },
    memory: {
        entry: perl("my @all; push @all, 'x' x 1048576 while 1", {
            resources: {
                requests: { cpu: "1m", memory: "16Mi" },
                limits: { memory: "16Mi", cpu: "200m" },
            },
        }),
        told: /OOMKilled: ended with code 137.*; raise 'resources\.limits\.memory' of the server/,
    },
    "read-only": {
        entry: perl('open(my $file, ">", "/data") or die "/data: $!\\n"'),
        told: /; it said: \/data: Read-only file system; correct .*'volumes'/,
    },
    port: {
        entry: perl(
            "$| = 1; my $s = IO::Socket::INET->new(LocalPort => 3000, Listen => 8) or die; " +
                'print "listening on port 3000\\n"; while (my $c = $s->accept) { close $c }',
        ),
        told: /:8000: connect: connection refused; it said: listening on port 3000; it listens on port 3000: set 'port'/,
    },
    "health-path": {
        entry: { source: { build: "images/add-numbers" }, healthPath: "/healthz" },
        told: /HTTP probe failed with statuscode: 404; .*; the server answers, but has no such path: correct its 'healthPath'/,
    },
};

describe("a server that cannot become ready", function () {
    this.timeout(5 * 60_000);
    const stack = () => `${testRun().name}-mistakes`;
    const small = {
        sessions: "stateless",
        // Process 1 gets no signal that it has no handler for, and is waited for as long as a call may take.
        longestCallSeconds: 5,
        replicas: { min: 1, max: 1 },
        resources: { requests: { cpu: "1m", memory: "16Mi" } },
    };
    let checkout: Checkout;
    let lines: { text: string; ms: number }[];
    let code: number | null;

    before(async () => {
        checkout = await Checkout.make("mistakes");
        const entries = Object.entries(mistakes).map(([name, { entry }]) => ({
            name,
            ...small,
            ...entry,
        }));
        const good = { name: "good", ...small, ...goodEntry };
        const config = {
            "slipway:registry": { address: `localhost:30500/${testRun().name}` },
            "slipway:servers": [...entries, good],
        };
        await writeFile(join(checkout.directory, `Pulumi.${stack()}.yaml`), stringify({ config }));
        ({ lines, code } = await runTimed(checkout, ["up", "--", "--stack", stack()]));
    });

    // Containers that end and start again for ever take a processor from the suites that follow.
    after(async () => {
        const { code, output } = await checkout.npm("down", "--", "--stack", stack());
        assert.equal(code, 0, output);
    });

    const find = (pattern: RegExp) => lines.find(({ text }) => pattern.test(text));

    for (const [name, { told }] of Object.entries(mistakes)) {
        it(`has its reason on the screen within ${longestMs / 1000} s: ${name}`, () => {
            const created = find(new RegExp(`^[+] ServiceAccount ${name}-account `));
            const reason = find(new RegExp(`pod '${name}-pods-.*${told.source}`));
            const all = lines.filter(({ text }) => text.includes(`${name}-`));
            const shown = all.map(({ text, ms }) => `${ms} ${text}`).join("\n");
            assert.ok(created, shown);
            assert.ok(reason, shown);
            assert.ok(reason.ms - created.ms <= longestMs, shown);
            console.log(`      ${((reason.ms - created.ms) / 1000).toFixed(0)} s`);
        });
    }

    it("ends the update with its name, and lets the others be deployed and verified", () => {
        assert.equal(code, 1);
        assert.ok(find(/^✔ good {2}https:/));
        const names = Object.keys(mistakes)
            .sort()
            .map((name) => `'${name}'`);
        assert.ok(find(new RegExp(`^8 servers ${names.join(", ")} failed for the reasons above`)));
    });
});

const goodEntry = { source: { build: "images/add-numbers" }, healthPath: "/health" };

/** Runs one of the project's commands; the time of each line is that since its start. */
function runTimed(checkout: Checkout, args: string[]) {
    const began = Date.now();
    const child = spawn("npm", ["run", ...args], {
        cwd: checkout.directory,
        env: { ...process.env, SLIPWAY_STACKS: checkout.stacks },
        stdio: ["ignore", "pipe", "pipe"],
    });
    const lines: { text: string; ms: number }[] = [];
    for (const stream of [child.stdout, child.stderr]) {
        let rest = "";
        stream.setEncoding("utf8").on("data", (text: string) => {
            process.stdout.write(text);
            const parts = (rest + text).split("\n");
            rest = parts.pop() ?? "";
            lines.push(...parts.map((line) => ({ text: line, ms: Date.now() - began })));
        });
    }
    return new Promise<{ lines: typeof lines; code: number | null }>((resolve, reject) => {
        child.on("error", reject).on("close", (code) => resolve({ lines, code }));
    });
}
