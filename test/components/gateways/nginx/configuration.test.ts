import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "node:tls";

import { identityHeaders } from "../../../../components/gateways/headers.ts";
import {
    renderNginxConfiguration,
    revisionOf,
    splitFile,
} from "../../../../components/gateways/nginx/configuration.ts";
import { containerSurroundings } from "../../../../components/gateways/nginx/pods.ts";
import type {
    NginxConfiguration,
    ResolvedRoute,
} from "../../../../components/gateways/nginx/settings.ts";
import { bridgePaths } from "../../../../components/server/bridge/args.ts";
import { makeLocalCertificate } from "../../../support/localCertificate.ts";
import { type FakeDns, startFakeDns } from "./fakeDns.ts";
import { type FakePod, type Seen, startPod, tellWhatWasSeen, verify } from "./fakeServers.ts";
import { type RealNginx, startNginx } from "./realNginx.ts";

const good = { authorization: "Bearer good" };

function buildRoute(server: string, port: number): ResolvedRoute {
    return {
        server,
        host: "localhost",
        prefix: `/${server}`,
        stripPrefix: true,
        publicPaths: ["/mcp"],
        openPaths: [],
        podsHost: `${server}.test`,
        serviceHost: `${server}-service.test`,
        port,
        resource: `https://localhost/${server}/mcp`,
        scopes: [`mcp:${server}`],
        limits: { requestsPerSecond: 1000, burst: 2000, bodyMebibytes: 1 },
        cors: { origins: ["*"] },
        longestCallSeconds: 5,
    };
}

describe("the file of an NGINX configuration", () => {
    const render = (count: number) => {
        const routes = Array.from({ length: count }, (_, index) => {
            const name = `${"a".repeat(36)}${String(index).padStart(4, "0")}`;
            const domain = `${"b".repeat(63)}.svc.cluster.local`;
            const addresses = {
                podsHost: `${name}-addresses-01234567.${domain}`,
                serviceHost: `${name}.${domain}`,
                serviceAddress: "10.96.123.234",
            };
            return { ...buildRoute(name, 8000), ...addresses };
        });
        const verifier = { podsHost: "verifier.test", serviceHost: "verifier.test", port: 8080 };
        return renderNginxConfiguration(
            {
                hosts: ["localhost"],
                publicPort: 443,
                behindProxy: false,
                routes,
                verifier,
                longestCallSeconds: 5,
            },
            containerSurroundings,
        );
    };

    it("has less than 700 bytes for each server, even with the longest names", () => {
        const added = (render(1000).length - render(1).length) / 999;
        assert.ok(added < 700, String(added));
    });

    it("is split at ends of lines into parts that fit into a ConfigMap", () => {
        const text = render(3500);
        const parts = splitFile(text, 900 * 1024);
        assert.equal(parts.join(""), text);
        assert.equal(parts.length, 3);
        for (const part of parts) {
            assert.ok(part.length <= 900 * 1024);
            assert.ok(part.endsWith("\n"));
        }
    });
});

describe("the NGINX configuration, in a real NGINX", function () {
    this.timeout(180_000);
    let dns: FakeDns;
    let verifier: FakePod;
    let addNumbers: FakePod;
    let nginx: RealNginx;
    let configuration: NginxConfiguration;

    before(async () => {
        verifier = await startPod(verify);
        addNumbers = await startPod((seen, response) => {
            if (seen.url.startsWith("/mcp/stream")) {
                void stream(response);
            } else if (seen.url.startsWith("/mcp/redirect")) {
                const location = new URL(seen.url, "http://x").searchParams.get("to") ?? "";
                response.writeHead(307, { location }).end();
            } else if (seen.url === "/docs/large") {
                response.end(Buffer.alloc(8 * 1024 * 1024));
            } else {
                tellWhatWasSeen(seen, response);
            }
        });
        dns = await startFakeDns({
            "add-numbers.test": ["127.0.0.1"],
            "token-verifier.test": ["127.0.0.1"],
        });
        const restricted = {
            ...buildRoute("slow.er", 9),
            server: "slow",
            // Twice, which NGINX refuses in a map.
            cors: { origins: ["https://app.example.org", "https://app.example.org"] },
            limits: { requestsPerSecond: 1, burst: 1, bodyMebibytes: 1 },
        };
        configuration = {
            hosts: ["localhost", "whole.test", "own.test"],
            publicPort: 30443,
            behindProxy: false,
            routes: [
                buildRoute("add-numbers", addNumbers.port),
                { ...restricted, podsHost: "add-numbers.test", port: addNumbers.port },
                {
                    ...buildRoute("kept", addNumbers.port),
                    stripPrefix: false,
                    podsHost: "add-numbers.test",
                },
                {
                    ...buildRoute("whole", addNumbers.port),
                    host: "whole.test",
                    prefix: "",
                    resource: "https://whole.test/mcp",
                    podsHost: "add-numbers.test",
                },
                ...Array.from({ length: 200 }, (_, index) => ({
                    ...buildRoute(`other-${index}`, 9),
                    podsHost: "127.0.0.1",
                    serviceHost: "127.0.0.1",
                })),
                {
                    ...buildRoute("bridged", addNumbers.port),
                    publicPaths: ["/mcp", ...bridgePaths.rest],
                    openPaths: bridgePaths.pages,
                    podsHost: "add-numbers.test",
                },
                {
                    ...buildRoute("few", addNumbers.port),
                    podsHost: "add-numbers.test",
                    limits: { ...buildRoute("few", 0).limits, concurrentCalls: 2 },
                },
                buildRoute("gone", 9),
                {
                    ...buildRoute("own", addNumbers.port),
                    host: "own.test",
                    prefix: "/add-numbers",
                    resource: "https://own.test/add-numbers/mcp",
                    podsHost: "add-numbers.test",
                },
            ],
            verifier: {
                podsHost: "token-verifier.test",
                serviceHost: "token-verifier-service.test",
                port: verifier.port,
            },
            longestCallSeconds: 5,
        };
        nginx = await startNginx(configuration, dns.port, { validSeconds: 1 });
        // The first names are looked up in the background.
        for (let tries = 0; tries < 50; tries += 1) {
            if ((await nginx.call("/add-numbers/mcp", { headers: good })).status === 200) {
                break;
            }
            await sleep(100);
        }
    });

    after(async () => {
        await nginx?.close();
        dns?.close();
        await addNumbers?.close();
        await verifier?.close();
    });

    it("passes 'nginx -t' without a warning", () => {
        assert.doesNotMatch(nginx.log(), /\[?(warn|emerg)/);
    });

    it("forwards a call with a valid token, without prefix and with its query", async () => {
        const { status, text } = await nginx.call(
            "/add-numbers/mcp/a%20b?c=d%20e",
            { method: "POST", headers: good },
            "{}",
        );
        const seen = JSON.parse(text) as Seen;
        assert.deepEqual(
            [status, seen.method, seen.url, seen.body],
            [200, "POST", "/mcp/a%20b?c=d%20e", "{}"],
        );
    });

    for (const path of [
        ...bridgePaths.rest,
        "/tools/fetch",
        "/docs/../tools",
        "/docs%2f..%2fcall",
    ]) {
        it(`requires a token at ${path}`, async () => {
            const refused = await nginx.call(`/bridged${path}`, {});
            assert.equal(refused.status, 401);
            const { status, text } = await nginx.call(`/bridged${path}`, { headers: good });
            assert.equal(status, 200);
            assert.equal((JSON.parse(text) as Seen).headers["x-auth-subject"], "user-1");
        });
    }

    for (const path of [...bridgePaths.pages, "/docs/page.css"]) {
        it(`serves ${path} without token, as an anonymous caller`, async () => {
            const forged = { authorization: "Bearer bad", "x-auth-subject": "admin" };
            const { status, text } = await nginx.call(`/bridged${path}`, { headers: forged });
            const { url, headers } = JSON.parse(text) as Seen;
            assert.deepEqual([status, url], [200, path]);
            assert.deepEqual(
                [headers.authorization, headers["x-auth-subject"]],
                [undefined, undefined],
            );
        });
    }

    it("keeps the prefix without 'stripPrefix'", async () => {
        const { text } = await nginx.call("/kept/mcp", { headers: good });
        assert.equal((JSON.parse(text) as Seen).url, "/kept/mcp");
    });

    const unknown = [
        "/add-numbersx/mcp",
        "/add-numbers",
        "/add-numbers/",
        "/add-numbers/mcpx",
        "/add-numbers/health",
        "/slowxer/mcp",
        "/",
        "/_verify/add-numbers",
        ...bridgePaths.internal.map((path) => `/bridged${path}`),
        "/bridged/mcp/..%2fmetrics",
        "/bridged/docs/../metrics",
        "/bridged//metrics",
        ...bridgePaths.rest.map((path) => `/add-numbers${path}`),
        "/add-numbers/docs",
        "/ADD-NUMBERS/mcp",
        "/add-numbers/MCP",
    ];
    for (const path of unknown) {
        it(`returns 404 as JSON for ${path}`, async () => {
            const { status, headers, text } = await nginx.call(path, { headers: good });
            assert.equal(status, 404);
            assert.equal(headers["content-type"], "application/json");
            const { error, id } = JSON.parse(text) as {
                error: { data: { status: number } };
                id: null;
            };
            assert.deepEqual([error.data.status, id], [404, null]);
        });
    }

    it("returns 421 for another host", async () => {
        const { status } = await nginx.call("/add-numbers/mcp", {
            headers: { ...good, host: "evil.example" },
        });
        assert.equal(status, 421);
    });

    const hosted = [
        { host: "whole.test", path: "/mcp", server: "whole", prefix: undefined },
        { host: "WHOLE.test:30443", path: "/mcp/x", server: "whole", prefix: undefined },
        { host: "own.test", path: "/add-numbers/mcp", server: "own", prefix: "/add-numbers" },
        {
            host: "localhost",
            path: "/add-numbers/mcp",
            server: "add-numbers",
            prefix: "/add-numbers",
        },
    ];
    for (const { host, path, server, prefix } of hosted) {
        it(`forwards ${path} of host ${host} to its server, with a token for that one`, async () => {
            const { status, text } = await nginx.call(path, { headers: { ...good, host } });
            const { url, headers } = JSON.parse(text) as Seen;
            assert.deepEqual(
                [status, url, headers.host, headers["x-forwarded-prefix"]],
                [200, path.slice(prefix?.length ?? 0), publicAddressOf(host), prefix],
            );
            assert.equal(verifier.seen.at(-1)?.url, `/verify/${server}`);
        });
    }

    it("tells servers the public address, whatever address a request claims", async () => {
        const [head = ""] = await exchange(
            nginx.port,
            [
                "GET https://localhost/add-numbers/mcp HTTP/1.1",
                "Host: evil.example",
                "Authorization: Bearer good",
            ].join("\r\n"),
        );
        const [, body = ""] = head.split("\r\n\r\n");
        assert.match(body, /"host":"localhost:30443"/);
        assert.doesNotMatch(body, /evil/);
    });

    for (const [location, expected] of [
        ["http://localhost:30443/mcp/", "https://localhost:30443/add-numbers/mcp/"],
        ["/mcp/?a=b", "https://localhost:30443/add-numbers/mcp/?a=b"],
        ["/add-numbers/mcp/", "https://localhost:30443/add-numbers/mcp/"],
        ["https://localhost:30443/add-numbers/x", "https://localhost:30443/add-numbers/x"],
        ["https://elsewhere.example/mcp", "https://elsewhere.example/mcp"],
    ] as const) {
        it(`leads from a server's redirect to ${location} to ${expected}`, async () => {
            const path = `/add-numbers/mcp/redirect?to=${encodeURIComponent(location)}`;
            const { status, headers } = await nginx.call(path, { headers: good });
            assert.deepEqual([status, headers.location], [307, expected]);
        });
    }

    for (const path of [
        "/add-numbers/mcp%0a",
        "/add-numbers/mcp/%0ax",
        "/bridged/docs/%0Ax",
        "/bridged/tools/../docs/%0Ax",
        "/bridged/health/../mcp/%0dx",
        "/add-numbers/mcp/%7f",
    ]) {
        it(`returns 400 for a control character: ${path}`, async () => {
            const before = addNumbers.seen.length;
            for (const headers of [good, {}]) {
                const { status, text } = await nginx.call(path, { headers });
                assert.equal(status, 400);
                assert.match(text, /"status":400/);
            }
            assert.equal(addNumbers.seen.length, before);
        });
    }

    const malformed: Record<string, number> = {
        "GET /%00 HTTP/1.1": 400,
        "GET /%zz HTTP/1.1": 400,
        "OPTIONS * HTTP/1.1": 400,
        "get /add-numbers/mcp HTTP/1.1": 400,
        "CONNECT localhost:443 HTTP/1.1": 405,
        "TRACE /add-numbers/mcp HTTP/1.1": 405,
        [`GET /${"a".repeat(40_000)} HTTP/1.1`]: 414,
        "GET /add-numbers/mcp HTTP/7.1": 505,
        [`GET /add-numbers/mcp HTTP/1.1\r\nX: ${"a".repeat(40_000)}`]: 431,
        "POST /add-numbers/mcp HTTP/1.1\r\nTransfer-Encoding: gzip": 501,
    };
    for (const [line, status] of Object.entries(malformed)) {
        it(`answers ${status} as JSON to ${line.slice(0, 60)}`, async () => {
            const [answer = ""] = await exchange(nginx.port, `${line}\r\nHost: localhost`);
            assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `));
            assert.match(answer, new RegExp(`"status":${status}`));
            assert.doesNotMatch(answer, /<html>/);
        });
    }

    it("gives a page without token check 1 kB of body at most, chunked or not", async () => {
        const body = Buffer.alloc(2000, "a");
        for (const headers of [{}, { "transfer-encoding": "chunked" }]) {
            const before = addNumbers.seen.length;
            const { status } = await nginx.call(
                "/bridged/docs",
                { method: "POST", headers: headers as Record<string, string> },
                body,
            );
            assert.equal(status, 413);
            assert.equal(addNumbers.seen.length, before);
        }
    });

    it("logs no query, not even of a request that it refuses", async () => {
        const body = Buffer.alloc(1024 * 1024 + 1, "a");
        const path = "/add-numbers/mcp?access_token=hidden-token";
        await nginx.call(path, { method: "POST", headers: good }, body);
        await nginx.call("/gone/mcp?access_token=hidden-token", { headers: good });
        await untilLogged(nginx, /too large body/);
        await untilLogged(nginx, /gone/);
        assert.doesNotMatch(nginx.log(), /hidden-token/);
        for (const line of nginx.log().trim().split("\n")) JSON.parse(line);
    });

    it("limits the open streams of each caller", async () => {
        const paths = Array.from({ length: 4 }, () => "/few/mcp/stream");
        const answers = await Promise.all(paths.map((path) => nginx.call(path, { headers: good })));
        const statuses = answers.map(({ status }) => status).sort();
        assert.deepEqual(statuses, [200, 200, 429, 429]);
    });

    it("limits the pages that one address reads at a time, without holding the server", async () => {
        const before = addNumbers.seen.length;
        const answers = await Promise.all(
            Array.from({ length: 30 }, () => nginx.open("/bridged/docs/large", {})),
        );
        const served = answers.filter(({ statusCode }) => statusCode === 200);
        assert.equal(served.length, 20);
        assert.equal(addNumbers.seen.length, before + 20);
        for (const answer of answers) answer.destroy();
    });

    for (const cipher of ["AES128-SHA", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES128-SHA256"]) {
        it(`refuses ${cipher} of TLS 1.2`, async () => {
            await assert.rejects(tlsVersion(nginx.port, cipher));
        });
    }

    it("accepts TLS 1.2 with authenticated encryption", async () => {
        assert.equal(await tlsVersion(nginx.port, "ECDHE-ECDSA-AES128-GCM-SHA256"), "TLSv1.2");
    });

    const elsewhere = [
        { host: "whole.test", path: "/add-numbers/mcp" },
        { host: "whole.test", path: "/" },
        { host: "whole.test", path: "/_verify/whole" },
        { host: "own.test", path: "/mcp" },
        { host: "own.test", path: "/slow.er/mcp" },
        { host: "own.test", path: "/.well-known/oauth-protected-resource/mcp" },
        { host: "localhost", path: "/mcp" },
    ];
    for (const { host, path } of elsewhere) {
        it(`returns 404 for ${path} of host ${host}`, async () => {
            const { status } = await nginx.call(path, { headers: { ...good, host } });
            assert.equal(status, 404);
        });
    }

    const documents = [
        { host: "localhost", path: "/add-numbers/mcp", server: "add-numbers" },
        { host: "own.test", path: "/add-numbers/mcp", server: "own" },
        { host: "whole.test", path: "/mcp", server: "whole" },
    ];
    for (const { host, path, server } of documents) {
        it(`serves the metadata document of ${server} at its host, without token`, async () => {
            const options = { headers: { host, origin: "https://a.example" } };
            const wellKnown = `/.well-known/oauth-protected-resource${path}`;
            const { status, text, headers } = await nginx.call(wellKnown, options);
            assert.equal(status, 200);
            assert.deepEqual(JSON.parse(text), { url: `/metadata/${server}` });
            assert.equal(headers["access-control-allow-origin"], "*");
            assert.equal((await nginx.call(`${wellKnown}x`, options)).status, 404);
        });
    }

    it("confines paths to their server", async () => {
        const { status } = await nginx.call("/add-numbers/mcp/../../gone/x", { headers: good });
        assert.equal(status, 404);
    });

    it("relays the verifier's 401 challenge", async () => {
        const { status, headers, text } = await nginx.call("/add-numbers/mcp", { method: "POST" });
        assert.equal(status, 401);
        assert.equal(
            headers["www-authenticate"],
            'Bearer resource_metadata="https://localhost/x", scope="y"',
        );
        assert.equal(headers["content-type"], "application/json");
        assert.match(text, /"jsonrpc":"2.0"/);
    });

    it("relays the verifier's 403 challenge", async () => {
        const { status, headers } = await nginx.call("/add-numbers/mcp", {
            headers: { authorization: "Bearer weak" },
        });
        assert.equal(status, 403);
        assert.equal(
            headers["www-authenticate"],
            'Bearer error="insufficient_scope", scope="mcp:add-numbers"',
        );
    });

    it("returns 503 and forwards nothing while the verifier fails", async () => {
        const before = addNumbers.seen.length;
        const { status, headers } = await nginx.call("/add-numbers/mcp", {
            headers: { authorization: "Bearer breaks-the-verifier" },
        });
        assert.deepEqual([status, headers["retry-after"]], [503, "1"]);
        assert.equal(addNumbers.seen.length, before);
    });

    it("sends the verifier the request id and the token, and nothing else of a request", async () => {
        await nginx.call("/add-numbers/mcp?q=1", {
            headers: { ...good, cookie: "a=b", "x-request-id": "r-1" },
        });
        const asked = verifier.seen.at(-1);
        assert.equal(asked?.url, "/verify/add-numbers");
        assert.equal(asked.headers["x-original-uri"], "/add-numbers/mcp?q=1");
        assert.equal(asked.headers["x-request-id"], "r-1");
        assert.equal(asked.headers.cookie, undefined);
    });

    it("sends the server the caller's identity, never the token", async () => {
        const { text } = await nginx.call("/add-numbers/mcp", { headers: good });
        const { headers } = JSON.parse(text) as Seen;
        assert.deepEqual(
            [headers["x-auth-subject"], headers["x-auth-client"], headers["x-auth-scopes"]],
            ["user-1", "agent", "mcp:add-numbers"],
        );
        assert.equal(headers.authorization, undefined);
    });

    it("removes identity headers of clients", async () => {
        const forged = Object.fromEntries(
            [
                ...identityHeaders,
                "X-Auth-Subject",
                "X-Auth-Client",
                "X-Auth-Scopes",
                "X_Auth_Subject",
                "Forwarded",
            ].map((name) => [name, "forged"]),
        );
        const { text } = await nginx.call("/add-numbers/mcp", { headers: { ...forged, ...good } });
        assert.doesNotMatch(text, /forged/);
    });

    it("replaces the client addresses that a stranger claims", async () => {
        const headers = { ...good, "x-forwarded-for": "203.0.113.7", "x-real-ip": "203.0.113.7" };
        const { text } = await nginx.call("/add-numbers/mcp", { headers });
        const seen = (JSON.parse(text) as Seen).headers;
        assert.deepEqual([seen["x-forwarded-for"], seen["x-real-ip"]], ["127.0.0.1", "127.0.0.1"]);
    });

    it("lets every worker open two files per connection", async () => {
        const children = `/proc/${nginx.pid}/task/${nginx.pid}/children`;
        for (const child of (await readFile(children, "utf8")).trim().split(" ")) {
            if ((await readFile(`/proc/${child}/cmdline`, "utf8")).startsWith("nginx: worker")) {
                const limits = await readFile(`/proc/${child}/limits`, "utf8");
                assert.match(limits, /Max open files +16384 /);
                return;
            }
        }
        assert.fail("no worker");
    });

    it("forwards MCP headers unchanged", async () => {
        const sent = {
            "mcp-protocol-version": "2026-07-28",
            "mcp-session-id": "s-1",
            "mcp-method": "tools/call",
            "mcp-param-region": "eu",
            "last-event-id": "7",
            accept: "application/json, text/event-stream",
            origin: "https://app.example.org",
            traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        };
        const { text } = await nginx.call("/add-numbers/mcp", { headers: { ...sent, ...good } });
        const { headers } = JSON.parse(text) as Seen;
        assert.deepEqual(
            Object.fromEntries(Object.keys(sent).map((name) => [name, headers[name]])),
            sent,
        );
    });

    it("gives every request an id, and keeps a valid one", async () => {
        const kept = await nginx.call("/add-numbers/mcp", {
            headers: { ...good, "x-request-id": "abc-1" },
        });
        assert.equal(kept.headers["x-request-id"], "abc-1");
        const replaced = await nginx.call("/add-numbers/mcp", {
            headers: { ...good, "x-request-id": 'a"b' },
        });
        assert.match(String(replaced.headers["x-request-id"]), /^[0-9a-f]{32}$/);
        assert.equal(
            (JSON.parse(replaced.text) as Seen).headers["x-request-id"],
            replaced.headers["x-request-id"],
        );
    });

    it("forwards each part of a stream at once", async () => {
        const started = Date.now();
        const response = await nginx.open("/add-numbers/mcp/stream", { headers: good });
        const arrivals: number[] = [];
        for await (const chunk of response) {
            assert.ok((chunk as Buffer).length > 0);
            arrivals.push(Date.now() - started);
        }
        assert.equal(arrivals.length, 3);
        assert.ok(
            (arrivals[2] ?? 0) - (arrivals[0] ?? 0) > 500,
            `arrived at ${arrivals.join(", ")} ms`,
        );
    });

    it("answers a preflight without a token", async () => {
        const { status, headers } = await nginx.call("/add-numbers/mcp", {
            method: "OPTIONS",
            headers: {
                origin: "https://inspector.example",
                "access-control-request-method": "POST",
                "access-control-request-headers": "authorization,content-type,mcp-param-region",
            },
        });
        assert.equal(status, 204);
        assert.equal(headers["access-control-allow-origin"], "*");
        assert.equal(headers["access-control-allow-methods"], "GET, POST, DELETE, OPTIONS");
        const granted = String(headers["access-control-allow-headers"]).toLowerCase().split(/, ?/);
        for (const header of ["authorization", "content-type", "mcp-method", "mcp-param-region"]) {
            assert.ok(granted.includes(header), header);
        }
    });

    it("exposes challenge and session headers to pages, also on errors", async () => {
        const { status, headers } = await nginx.call("/add-numbers/mcp", {
            headers: { origin: "https://a.example" },
        });
        assert.equal(status, 401);
        assert.equal(headers["access-control-allow-origin"], "*");
        assert.match(
            String(headers["access-control-expose-headers"]),
            /Mcp-Session-Id.*WWW-Authenticate/,
        );
    });

    it("allows listed origins only", async () => {
        const allowed = await nginx.call("/slow.er/mcp", {
            headers: { origin: "https://app.example.org" },
        });
        const other = await nginx.call("/slow.er/mcp", {
            headers: { origin: "https://evil.example" },
        });
        assert.equal(allowed.headers["access-control-allow-origin"], "https://app.example.org");
        assert.equal(other.headers["access-control-allow-origin"], undefined);
    });

    it("refuses a body above the limit with JSON, with and without content length", async () => {
        const body = Buffer.alloc(1024 * 1024 + 1, "a");
        const options = { method: "POST", headers: good };
        const known = await nginx.call("/add-numbers/mcp", options, body);
        assert.equal(known.status, 413);
        assert.match(known.text, /"status":413/);
        const chunked = await nginx.call(
            "/add-numbers/mcp",
            { method: "POST", headers: { ...good, "transfer-encoding": "chunked" } },
            body,
        );
        assert.equal(chunked.status, 413);
    });

    it("limits the rate of each caller", async () => {
        const calls = Array.from({ length: 6 }, () =>
            nginx.call("/slow.er/mcp", { headers: good }),
        );
        const statuses = (await Promise.all(calls)).map(({ status }) => status);
        assert.ok(statuses.includes(200) && statuses.includes(429), statuses.join(", "));
    });

    it("returns 502 as JSON when a server has no pod", async () => {
        const { status, text } = await nginx.call("/gone/mcp", { headers: good });
        assert.equal(status, 502);
        assert.match(text, /"status":502/);
    });

    it("uses new pods and loses no call when one stops", async () => {
        const { port } = addNumbers;
        const second = await startPod(tellWhatWasSeen, { address: "127.0.0.2", port });
        dns.addresses["add-numbers.test"] = ["127.0.0.1", "127.0.0.2"];
        await sleep(2500);
        const used = await callMany(nginx, 20);
        assert.deepEqual([...new Set(used)].sort(), ["127.0.0.1", "127.0.0.2"]);

        await second.close();
        const survivors = await callMany(nginx, 20);
        assert.deepEqual([...new Set(survivors)], ["127.0.0.1"]);
        dns.addresses["add-numbers.test"] = ["127.0.0.1"];
    });

    it("falls back to the Service while DNS lists no pod", async () => {
        dns.addresses["add-numbers-service.test"] = ["127.0.0.1"];
        delete dns.addresses["add-numbers.test"];
        await sleep(2500);
        const used = await callMany(nginx, 4);
        assert.deepEqual([...new Set(used)], ["127.0.0.1"]);
        dns.addresses["add-numbers.test"] = ["127.0.0.1"];
    });

    it("serves a new certificate once it has the right key", async () => {
        const first = await fingerprintOf(nginx);
        const next = await makeLocalCertificate();
        const { key } = await makeLocalCertificate();
        await nginx.replaceCertificate({ ...next, key });
        await untilLogged(nginx, /not loaded: nginx: \[emerg\] .*key values mismatch/);
        assert.equal(await fingerprintOf(nginx), first);

        await nginx.replaceCertificate(next);
        const wanted = new X509Certificate(next.certificate).fingerprint256;
        // Workers of before may accept some more connections.
        await until(async () => {
            const served = await Promise.all(
                Array.from({ length: 20 }, () => fingerprintOf(nginx)),
            );
            return served.every((one) => one === wanted);
        });
    });

    it("adds a server without cutting a stream or a call in flight", async () => {
        const open = await Promise.all(
            Array.from({ length: 20 }, () =>
                nginx.open("/add-numbers/mcp/stream", { headers: good }),
            ),
        );
        const text = nginx.render({
            ...configuration,
            routes: [
                ...configuration.routes,
                { ...buildRoute("added", addNumbers.port), podsHost: "add-numbers.test" },
            ],
        });
        const results: Promise<{ status: number }>[] = [];
        const calls = setInterval(() => {
            results.push(nginx.call("/add-numbers/mcp", { headers: good }));
        }, 10);
        nginx.offer(text);
        await nginx.awaitRevision(revisionOf(text));
        await until(async () => (await nginx.call("/added/mcp", { headers: good })).status === 200);
        clearInterval(calls);
        for (const stream of open) {
            let received = "";
            for await (const chunk of stream) received += String(chunk);
            assert.equal(received, "data: 0\n\ndata: 1\n\ndata: 2\n\n");
        }
        for (const result of results) assert.equal((await result).status, 200);
    });

    it("keeps the configuration that it has when NGINX refuses the next, and says why", async () => {
        const text = nginx.render(configuration).replace("least_conn;", "most_conn;");
        nginx.offer(text);
        await untilLogged(nginx, /not loaded: nginx: \[emerg\] unknown directive .*most_conn/);
        const { status } = await nginx.call("/added/mcp", { headers: good });
        assert.equal(status, 200);
    });

    it("tells Prometheus about its connections", async () => {
        const response = await fetch(`http://127.0.0.1:${nginx.healthPort}/metrics`);
        const text = await response.text();
        assert.match(text, /^nginx_up 1\nnginx_connections_accepted \d+\n/);
    });

    it("finishes a running stream when it is told to stop", async () => {
        const response = await nginx.open("/add-numbers/mcp/stream", { headers: good });
        const ended = nginx.quit();
        let text = "";
        for await (const chunk of response) {
            text += String(chunk);
        }
        assert.equal(text, "data: 0\n\ndata: 1\n\ndata: 2\n\n");
        await ended;
    });
});

describe("the NGINX configuration behind a proxy", function () {
    this.timeout(60_000);

    it("needs no certificate, and adds to the client addresses that the proxy tells", async () => {
        const server = await startPod(tellWhatWasSeen);
        const verifier = await startPod(verify);
        const nginx = await startNginx(
            {
                hosts: ["localhost"],
                publicPort: 443,
                behindProxy: true,
                routes: [
                    {
                        ...buildRoute("weather", server.port),
                        podsHost: "127.0.0.1",
                        serviceHost: "127.0.0.1",
                    },
                ],
                verifier: { podsHost: "127.0.0.1", serviceHost: "127.0.0.1", port: verifier.port },
                longestCallSeconds: 5,
            },
            53,
        );
        try {
            assert.doesNotMatch(nginx.log(), /"(warn|error|emerg)"/);
            const headers = { ...good, "x-forwarded-for": "203.0.113.7" };
            const url = `http://localhost:${nginx.plainPort}/weather/mcp`;
            const response = await fetch(url, { headers });
            const seen = ((await response.json()) as Seen).headers;
            assert.equal(seen["x-forwarded-for"], "203.0.113.7, 127.0.0.1");
            assert.equal(seen["x-forwarded-proto"], "https");
            await assert.rejects(once(connect({ port: nginx.port }), "secureConnect"));
        } finally {
            await nginx.close();
            await Promise.all([server.close(), verifier.close()]);
        }
    });
});

/** The public address of a host in this configuration. */
function publicAddressOf(host: string): string {
    return `${host.replace(/:.*/, "").toLowerCase()}:30443`;
}

async function until(isReached: () => Promise<boolean>): Promise<void> {
    for (let tries = 0; !(await isReached()); tries += 1) {
        assert.ok(tries < 100);
        await sleep(100);
    }
}

/** Sends the head of a request as it is, and returns what comes back until the connection ends. */
async function exchange(port: number, head: string): Promise<string[]> {
    const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
    await once(socket, "secureConnect");
    socket.write(`${head}\r\nConnection: close\r\n\r\n`);
    let text = "";
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
    await once(socket, "close");
    return [text];
}

/** TLS version that is agreed upon with one cipher suite of TLS 1.2. */
async function tlsVersion(port: number, ciphers: string): Promise<string | null> {
    const options = { port, host: "127.0.0.1", rejectUnauthorized: false, ciphers };
    const socket = connect({ ...options, maxVersion: "TLSv1.2" });
    await once(socket, "secureConnect");
    const version = socket.getProtocol();
    socket.destroy();
    return version;
}

async function untilLogged(nginx: RealNginx, expected: RegExp): Promise<void> {
    for (let tries = 0; tries < 100 && !expected.test(nginx.log()); tries += 1) {
        await sleep(100);
    }
    assert.match(nginx.log(), expected);
}

/** Fingerprint of the certificate that NGINX serves. */
async function fingerprintOf({ port }: RealNginx): Promise<string> {
    const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
    await once(socket, "secureConnect");
    const { fingerprint256 } = socket.getPeerCertificate();
    socket.destroy();
    return fingerprint256;
}

async function stream(response: ServerResponse): Promise<void> {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const part of [0, 1, 2]) {
        response.write(`data: ${part}\n\n`);
        await sleep(300);
    }
    response.end();
}

async function callMany(nginx: RealNginx, count: number): Promise<string[]> {
    const calls = Array.from({ length: count }, async () => {
        const { status, text } = await nginx.call("/add-numbers/mcp", {
            method: "POST",
            headers: good,
        });
        assert.equal(status, 200, text);
        return (JSON.parse(text) as Seen).pod;
    });
    return Promise.all(calls);
}
