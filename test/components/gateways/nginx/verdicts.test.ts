import assert from "node:assert/strict";

import { buildGatewayPod } from "../../../../components/gateways/nginx/pods.ts";
import { type FakeDns, startFakeDns } from "./fakeDns.ts";
import { type FakePod, startPod, tellWhatWasSeen } from "./fakeServers.ts";
import { type RealNginx, startNginx } from "./realNginx.ts";

const servers = ["weather", "tides"];

/** Tokens, and for how long the verifier lets its answer be remembered. */
const tokens: Record<string, string | undefined> = {
    kept: "5",
    brief: "1",
    never: "0",
    silent: undefined,
};

describe("verdicts, in a real NGINX", function () {
    this.timeout(180_000);
    let dns: FakeDns;
    let pod: FakePod;
    let verifier: FakePod;
    let nginx: RealNginx;
    let refusing = false;

    before(async () => {
        pod = await startPod(tellWhatWasSeen);
        verifier = await startPod(({ headers }, response) => {
            const token = headers.authorization?.replace("Bearer ", "") ?? "";
            const validity = tokens[token];
            if (refusing || !(token in tokens)) {
                response.writeHead(401, { "WWW-Authenticate": "Bearer" }).end();
                return;
            }
            response
                .writeHead(204, {
                    "X-Auth-Subject": `user of ${token}`,
                    "Cache-Control": "max-age=60",
                    ...(validity !== undefined && { "X-Accel-Expires": validity }),
                })
                .end();
        });
        dns = await startFakeDns({ "pod.test": ["127.0.0.1"], "verifier.test": ["127.0.0.1"] });
        const hosts = { podsHost: "pod.test", serviceHost: "pod.test" };
        nginx = await startNginx(
            {
                hosts: ["localhost"],
                publicPort: 443,
                behindProxy: false,
                longestCallSeconds: 5,
                verifier: {
                    podsHost: "verifier.test",
                    serviceHost: "verifier.test",
                    port: verifier.port,
                },
                routes: servers.map((server) => ({
                    server,
                    host: "localhost",
                    prefix: `/${server}`,
                    stripPrefix: true,
                    publicPaths: ["/mcp"],
                    openPaths: [],
                    ...hosts,
                    port: pod.port,
                    resource: `https://localhost/${server}/mcp`,
                    scopes: [`mcp:${server}`],
                    limits: { requestsPerSecond: 1000, burst: 2000, bodyMebibytes: 1 },
                    cors: { origins: ["*"] },
                    longestCallSeconds: 5,
                })),
            },
            dns.port,
        );
    });

    after(async () => {
        await nginx?.close();
        await Promise.all([pod?.close(), verifier?.close()]);
        dns?.close();
    });

    beforeEach(() => {
        refusing = false;
        verifier.seen.length = 0;
    });

    const call = (token: string, server = "weather") =>
        nginx.call(`/${server}/mcp`, {
            method: "POST",
            headers: { authorization: `Bearer ${token}` },
        });

    it("are remembered as long as the verifier says, with the caller", async () => {
        for (let attempt = 0; attempt < 3; attempt += 1) {
            assert.equal((await call("kept")).status, 200);
            assert.equal(pod.seen.at(-1)?.headers["x-auth-subject"], "user of kept");
        }
        assert.equal(verifier.seen.length, 1);
    });

    it("are of one server and one token", async () => {
        for (const server of servers) assert.equal((await call("kept", server)).status, 200);
        assert.equal((await call("kept2")).status, 401);
        assert.equal((await call("kep")).status, 401);
        assert.deepEqual(
            verifier.seen.map(({ url, headers }) => [url, headers.authorization]),
            [
                ["/verify/tides", "Bearer kept"],
                ["/verify/weather", "Bearer kept2"],
                ["/verify/weather", "Bearer kep"],
            ],
        );
    });

    for (const token of ["never", "silent"]) {
        it(`are not remembered when the verifier says ${tokens[token] ?? "nothing"}`, async () => {
            for (let attempt = 0; attempt < 2; attempt += 1) {
                assert.equal((await call(token)).status, 200);
            }
            assert.equal(verifier.seen.length, 2);
        });
    }

    it("end in time: a token that is refused from now on is refused after that", async () => {
        assert.equal((await call("brief")).status, 200);
        refusing = true;
        const started = performance.now();
        let status = 200;
        while (status === 200) {
            ({ status } = await call("brief"));
            assert.ok(performance.now() - started < 2500, "must end within two seconds");
        }
        assert.equal(status, 401);
    });

    it("that refuse are never remembered", async () => {
        refusing = true;
        assert.equal((await call("never")).status, 401);
        refusing = false;
        assert.equal((await call("never")).status, 200);
    });

    it("are kept in memory by the pod, as they hold tokens", () => {
        const pod = buildGatewayPod({
            labels: {},
            image: "nginx",
            serviceAccountName: "gateway",
            configurationHost: "configuration",
            certificateName: "tls",
            pullSecretName: undefined,
            longestCallSeconds: 5,
            resources: {} as never,
            scheduling: {},
        });
        const { volumes } = pod as { volumes: { name: string; emptyDir?: object }[] };
        assert.deepEqual(volumes.find(({ name }) => name === "verdicts")?.emptyDir, {
            medium: "Memory",
            sizeLimit: "32Mi",
        });
    });
});
