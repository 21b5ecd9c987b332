import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BridgeOptions, Isolation } from "../../src/options/bridgeOptions.ts";
import { openSession, type RawSession } from "../support/rawSession.ts";
import { modernOnly, remembering } from "../support/servers.ts";
import { startFixture, type RunningBridge } from "../support/startFixture.ts";

const former = "127.0.0.1";
const askable = { elicitation: {} };

/** Statuses of requests in sessions that were opened under 'shared', 'auto', and 'shared' by a client that can be asked. */
const served: Record<Isolation, [shared: number, auto: number, asked: number]> = {
    shared: [200, 200, 200],
    auto: [200, 200, 404],
    session: [404, 404, 404],
    principal: [404, 404, 404],
    request: [404, 404, 404],
};

/** Of a client that a server of 2026-07-28 can ask, only the replica knows that opened its session. */
const servers = [
    { era: "up to 2025-11-25", command: remembering, lost: false },
    { era: "of 2026-07-28", command: modernOnly, lost: true },
];

for (const { era, command, lost } of servers) {
    describe(`sessions of the shared process of a server ${era}, when the bridge is started anew`, () => {
        let directory: string;
        let keyFile: string;
        let opened: RawSession[];
        const start = (options: Partial<BridgeOptions>): Promise<RunningBridge> =>
            startFixture({
                ...{ command, keyFile, identity: "headers", address: former, warmChildren: 0 },
                ...options,
            });

        before(async () => {
            directory = mkdtempSync(join(tmpdir(), "isolation-"));
            keyFile = join(directory, "key");
            writeFileSync(keyFile, Buffer.alloc(32, 1));
            const [shared, auto] = [
                await start({ isolation: "shared" }),
                await start({ isolation: "auto" }),
            ];
            const subject = "alice";
            opened = [
                await openSession(shared.url, { subject }),
                await openSession(auto.url, { subject }),
                await openSession(shared.url, { subject, capabilities: askable }),
            ];
            await Promise.all([shared.close(), auto.close()]);
        });
        after(() => rmSync(directory, { recursive: true }));

        for (const [isolation, [shared, auto, asked]] of Object.entries(served)) {
            for (const address of [former, "127.0.0.2"]) {
                const where = address === former ? "the same replica" : "another replica";
                it(`go on under '${isolation}' only as far as it lets them share, at ${where}`, async () => {
                    const bridge = await start({ isolation: isolation as Isolation, address });
                    const statuses: number[][] = [];
                    try {
                        for (const session of opened) {
                            const there = session.as({ url: bridge.url });
                            const { status } = await there.request("tools/list");
                            // Its stream ends with a replica that opened it elsewhere, which is gone.
                            const stream = address === former ? await there.listen() : undefined;
                            stream?.cut();
                            statuses.push([status, stream?.status ?? status]);
                        }
                    } finally {
                        await bridge.close();
                    }
                    const expected = [shared, auto, lost ? 404 : asked];
                    assert.deepEqual(
                        statuses,
                        expected.map((status) => [status, status]),
                    );
                });
            }
        }
    });
}
