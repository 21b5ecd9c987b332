import assert from "node:assert/strict";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ensureAdministrator } from "../../local/keycloak/administrator.ts";
import { waitForRollout } from "../../local/keycloak/rollout.ts";

describe("ensureAdministrator", () => {
    let directory: string;

    beforeEach(async () => {
        directory = await mkdtemp(join(tmpdir(), "slipway-administrator-"));
    });

    afterEach(() => rm(directory, { recursive: true }));

    it("makes a password once, that nobody else can read", async () => {
        const file = join(directory, "keycloak/administrator.json");
        const made = await ensureAdministrator(file);
        assert.deepEqual(await ensureAdministrator(file), made);
        assert.equal((await stat(file)).mode & 0o777, 0o600);
        assert.ok(made.password.length >= 32);
    });

    it("makes another password for other data", async () => {
        const [one, two] = ["one", "two"].map((name) => ensureAdministrator(join(directory, name)));
        assert.notEqual((await one)?.password, (await two)?.password);
    });
});

describe("waitForRollout", () => {
    const pod = {
        metadata: { name: "keycloak-1" },
        status: {
            conditions: [
                { status: "True", message: "fine" },
                { status: "False", message: "containers with unready status: [keycloak]" },
                { status: "False", message: "containers with unready status: [keycloak]" },
            ],
            containerStatuses: [
                {
                    restartCount: 3,
                    state: { waiting: { reason: "CrashLoopBackOff", message: "back-off 40s" } },
                    lastState: { terminated: { reason: "OOMKilled", exitCode: 137 } },
                },
            ],
        },
    };

    it("says what the pods wait for and what they logged last", async () => {
        const kubectl = (args: string[]): Promise<string> => {
            if (args.includes("get")) return Promise.resolve(JSON.stringify({ items: [pod] }));
            if (args.includes("logs")) return Promise.resolve("started\nno memory left\n");
            return Promise.reject(new Error("timed out waiting for the condition"));
        };
        await assert.rejects(
            waitForRollout({ kubectl }, "keycloak", "keycloak", 0),
            (error: Error) => {
                assert.deepEqual(error.message.split("\n"), [
                    "timed out waiting for the condition",
                    "pod keycloak-1: containers with unready status: [keycloak]",
                    "pod keycloak-1: CrashLoopBackOff: back-off 40s",
                    "pod keycloak-1: ended 3 times, last with code 137: OOMKilled",
                    "last lines of its log:",
                    "    started",
                    "    no memory left",
                ]);
                return true;
            },
        );
    });

    it("goes on waiting while there is time", async () => {
        let looks = 0;
        const kubectl = (args: string[]): Promise<string> => {
            if (!args.includes("rollout")) return Promise.resolve(`{"items":[]}`);
            looks += 1;
            return looks < 3
                ? Promise.reject(new Error("timed out waiting for the condition"))
                : Promise.resolve("");
        };
        await waitForRollout({ kubectl }, "keycloak", "keycloak", 60);
        assert.equal(looks, 3);
    });

    it("fails at once when Kubernetes has given the roll-out up", async () => {
        const kubectl = (args: string[]): Promise<string> =>
            args.includes("rollout")
                ? Promise.reject(new Error("deployment exceeded its progress deadline"))
                : Promise.resolve(`{"items":[]}`);
        await assert.rejects(
            waitForRollout({ kubectl }, "keycloak", "keycloak", 60),
            /exceeded its progress deadline/,
        );
    });
});
