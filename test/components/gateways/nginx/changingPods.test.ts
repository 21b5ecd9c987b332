import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { type FakeDns, startFakeDns } from "./fakeDns.ts";
import { type FakePod, startPod, tellWhatWasSeen, verify } from "./fakeServers.ts";
import { type RealNginx, startNginx } from "./realNginx.ts";

const headers = { authorization: "Bearer good" };

/** NGINX issue 1656: a list that changes while a call looks for another pod made it fail with "no live upstreams". */
describe("pods that come and go under load, in a real NGINX", function () {
    this.timeout(120_000);
    let dns: FakeDns;
    let verifier: FakePod;
    let lasting: FakePod;
    let nginx: RealNginx;

    before(async () => {
        verifier = await startPod(verify);
        lasting = await startPod(tellWhatWasSeen);
        dns = await startFakeDns({
            "pods.test": ["127.0.0.1"],
            "verifier.test": ["127.0.0.1"],
        });
        const route = {
            server: "weather",
            host: "localhost",
            prefix: "/weather",
            stripPrefix: true,
            publicPaths: ["/mcp"],
            openPaths: [],
            podsHost: "pods.test",
            serviceHost: "service.test",
            serviceAddress: "127.0.0.1",
            port: lasting.port,
            resource: "https://localhost/weather/mcp",
            scopes: [],
            limits: { requestsPerSecond: 10_000, burst: 10_000, bodyMebibytes: 1 },
            cors: { origins: [] },
            longestCallSeconds: 5,
        };
        nginx = await startNginx(
            {
                hosts: ["localhost"],
                publicPort: 443,
                behindProxy: false,
                routes: [route],
                verifier: {
                    podsHost: "verifier.test",
                    serviceHost: "verifier.test",
                    port: verifier.port,
                },
                longestCallSeconds: 5,
            },
            dns.port,
            { validSeconds: 1 },
        );
        for (let tries = 0; tries < 50; tries += 1) {
            if ((await nginx.call("/weather/mcp", { headers })).status === 200) break;
            await sleep(100);
        }
    });

    after(async () => {
        await nginx?.close();
        await Promise.all([lasting?.close(), verifier?.close()]);
        dns?.close();
    });

    it("lose no call", async () => {
        const end = Date.now() + 12_000;
        const failures: string[] = [];
        let calls = 0;
        const caller = async () => {
            while (Date.now() < end) {
                calls += 1;
                const answer = await nginx.call("/weather/mcp", { method: "POST", headers }, "{}");
                if (answer.status !== 200) failures.push(`${answer.status} ${answer.text}`);
                await sleep(10);
            }
        };
        const callers = Array.from({ length: 8 }, caller);
        // Addresses at which nothing listens any more are listed beside the lasting pod, and differ each time.
        for (let turn = 2; Date.now() < end; turn = turn === 250 ? 2 : turn + 1) {
            dns.addresses["pods.test"] = ["127.0.0.1", `127.0.1.${turn}`, `127.0.2.${turn}`];
            await sleep(250);
        }
        await Promise.all(callers);
        assert.deepEqual(failures, []);
        assert.ok(calls > 200, String(calls));
    });
});
