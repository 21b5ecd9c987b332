import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";

import { runShown } from "../support/runShown.ts";
import { connectAdmin } from "../testRun/keycloakAdmin.ts";
import { testRun } from "../testRun/testRun.ts";
import { Checkout } from "./checkout.ts";

/** Longest time from the file to verified servers, on the running platform. */
const longestMs = 300_000;

describe("a stack of one's own", function () {
    this.timeout(10 * 60_000);
    const stacks = ["one", "two"].map((label) => `${testRun().name}-${label}`);
    const [one, two] = stacks as [string, string];
    let checkout: Checkout;

    /** The servers alone, and a path of the registry that is removed with the run. */
    const file = stringify({
        encryptionsalt: "v1:left:by-a-failed-try",
        config: {
            "slipway:registry": { address: `localhost:30500/${testRun().name}` },
            "slipway:servers": ["sums", "totals"].map((name) => ({
                name,
                source: { build: "images/add-numbers" },
                healthPath: "/health",
                sessions: "stateless",
                replicas: { min: 1, max: 1 },
                resources: { requests: { cpu: "10m" } },
            })),
        },
    });
    const fileOf = (stack: string) => join(checkout.directory, `Pulumi.${stack}.yaml`);

    before(async () => {
        checkout = await Checkout.make("own");
        for (const stack of stacks) await writeFile(fileOf(stack), file);
    });

    it("goes from a file with two servers to their verified URLs, beside another one", async () => {
        const urls: string[] = [];
        for (const stack of stacks) {
            const began = Date.now();
            const { code, output } = await checkout.npm("up", "--", "--stack", stack);
            assert.equal(code, 0, output);
            assert.ok(Date.now() - began < longestMs, `${Date.now() - began} ms`);
            for (const server of ["sums", "totals"]) {
                const line = new RegExp(
                    `^✔ ${server}  (https://localhost:\\d+/${server}/mcp)  `,
                    "m",
                );
                urls.push(line.exec(output)?.[1] ?? "");
            }
            assert.match(output, new RegExp(`^next: .*npm run down -- --stack ${stack}$`, "m"));
            // The file is the user's.
            assert.equal(await readFile(fileOf(stack), "utf8"), file);
        }
        assert.equal(new Set(urls).size, 4, urls.join());
        assert.equal(urls.includes(""), false);
    });

    it("has outputs, tokens, previews and calls of its own", async () => {
        const outputs = await checkout.npm("--silent", "outputs", "--", "--stack", one, "--json");
        const { endpoints } = JSON.parse(outputs.output) as { endpoints: Record<string, string> };
        assert.deepEqual(Object.keys(endpoints).sort(), ["sums", "totals"]);
        const token = await checkout.npm(
            "--silent",
            "token",
            "--",
            "agent",
            "--stack",
            one,
            "--raw",
        );
        const [, claims = ""] = token.output.trim().split(".");
        const { iss } = JSON.parse(Buffer.from(claims, "base64url").toString()) as { iss: string };
        assert.equal(iss, `https://localhost:30444/realms/${one}`);
        const connect = await checkout.npm("connect", "--", "cursor", "--stack", two);
        assert.match(connect.output, new RegExp(`token -- agent --raw --stack ${two}`));
        const verified = await checkout.npm("verify", "--", "--stack", two);
        assert.equal(verified.output.match(/^✔ /gm)?.length, 2, verified.output);
        const preview = await checkout.npm("preview", "--", "--stack", two);
        assert.match(preview.output, /\d+ unchanged/);
    });

    it("refuses the port, namespace and realm of another one before anything is created", async () => {
        const third = `${testRun().name}-three`;
        const outputs = await checkout.npm("--silent", "outputs", "--", "--stack", one, "--json");
        const { endpoints } = JSON.parse(outputs.output) as { endpoints: Record<string, string> };
        const port = Number(new URL(endpoints["sums"]!).port);
        const config = {
            "slipway:namespace": one,
            "slipway:gateway": { port },
            "slipway:identity": { realm: one },
            "slipway:servers": [],
        };
        await writeFile(fileOf(third), stringify({ config }));
        const { code, output } = await checkout.npm("up", "--", "--stack", third);
        assert.equal(code, 1);
        for (const path of ["namespace", "identity.realm", "gateway.port"]) {
            assert.match(
                output,
                new RegExp(`^  - ${path}: must be .*'${one}'.*; leave it out`, "m"),
            );
        }
    });

    it("leaves the others when it is taken down", async () => {
        const { code, output } = await checkout.npm("down", "--", "--stack", one);
        assert.equal(code, 0, output);
        const kube = new KubeConfig();
        kube.loadFromDefault();
        const { items } = await kube.makeApiClient(CoreV1Api).listNamespace();
        const namespaces = items.map(({ metadata }) => metadata?.name);
        assert.deepEqual([namespaces.includes(one), namespaces.includes(two)], [false, true]);
        const realms = (await (await connectAdmin()).realms.find()).map(({ realm }) => realm);
        assert.deepEqual([realms.includes(one), realms.includes(two)], [false, true]);
        const verified = await checkout.npm("verify", "--", "--stack", two);
        assert.equal(verified.code, 0, verified.output);
    });

    it("has logs, a refresh and secrets without the engine on the PATH", async () => {
        const logs = await checkout.npm("logs", "--", "sums", "--stack", two, "--lines", "3");
        assert.match(logs.output, /^--- pod 'sums-.*', container '.+'\n\{/m);
        const unknown = await checkout.npm("logs", "--", "sum", "--stack", two);
        assert.match(unknown.output, /server: must be one of .*'sums'.*, got 'sum'/);
        const refresh = await checkout.npm("refresh", "--", "--stack", two);
        assert.equal(refresh.code, 0, refresh.output);
        const secret = await runShown(
            "sh",
            ["-c", `echo hidden | npm run secret -- key --stack ${two}`],
            {
                cwd: checkout.directory,
                env: { ...process.env, SLIPWAY_STACKS: checkout.stacks },
            },
        );
        assert.equal(secret.code, 0, secret.output);
        assert.equal(await readFile(fileOf(two), "utf8"), file);
        const copy = join(checkout.stacks, `embedded-${two}/project/Pulumi.${two}.yaml`);
        assert.match(await readFile(copy, "utf8"), /slipway:key:\n +secure: v1:/);
    });

    it("is forgotten, but for its file, when it is removed", async () => {
        const { code, output } = await checkout.npm("down", "--", "--remove", "--stack", two);
        assert.equal(code, 0, output);
        assert.equal(existsSync(join(checkout.stacks, `embedded-${two}`)), false);
        assert.equal(await readFile(fileOf(two), "utf8"), file);
    });
});
