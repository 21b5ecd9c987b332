import assert from "node:assert/strict";

import { evaluate } from "../local/evaluate.ts";

/** `serve(answer)` starts a server and returns its port; it drops the connection when `answer` returns undefined. */
const prologue = `
    const http = await import("node:http");
    const { once } = await import("node:events");
    const servers = [];
    const serve = async (answer, place = { port: 0, host: "127.0.0.1" }) => {
        const server = http.createServer((request, response) => {
            let body = "";
            request.on("data", (part) => (body += part)).on("end", () => {
                const given = answer({ method: request.method, url: request.url, body });
                if (given === undefined) return request.socket.destroy();
                response.writeHead(given.status ?? 200, given.headers);
                response.write(given.text ?? JSON.stringify(given.json ?? {}));
                if (given.delayMs) setTimeout(() => response.end(), given.delayMs);
                else if (given.cut) setTimeout(() => request.socket.destroy(), 50);
                else if (!given.open) response.end();
            });
        });
        servers.push(server);
        await once(server.listen(place), "listening");
        return server;
    };
    const portOf = (server) => server.address().port;
    const print = (value) => {
        console.log(JSON.stringify(value));
        for (const server of servers) server.close(), server.closeAllConnections();
    };
`;

/** `clusterAt(server)` is the connection of a provider to an API server. */
const cluster = `
    const { Cluster } = await load("providers/kubernetes/cluster.ts");
    const clusterAt = (server) => {
        const kubeconfig = JSON.stringify({
            // Without TLS, the library requires this setting.
            clusters: [{
                name: "c",
                cluster: { server: "http://127.0.0.1:" + portOf(server), "insecure-skip-tls-verify": true },
            }],
            users: [{ name: "u", user: {} }],
            contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
            "current-context": "x",
        });
        return new Cluster({ kubeconfig: kubeconfig + "\\n" });
    };
`;

async function run(text: string): Promise<unknown> {
    const { stdout, stderr } = await evaluate(prologue + text);
    assert.equal(stderr, "");
    return JSON.parse(stdout);
}

describe("the stand-in for kubernetes", () => {
    it("retries a request when the API server was lost, or is starting", async () => {
        const found = await run(`
            ${cluster}
            const seen = [];
            const server = await serve(({ method, url }) => {
                seen.push(method + " " + url);
                if (seen.length === 1) return undefined;
                if (seen.length === 2) return { status: 500, json: { message: "etcdserver: request timed out" } };
                if (seen.length === 3) return { status: 503, json: { message: "not ready" } };
                if (seen.length === 4)
                    return { status: 403, json: { message: "forbidden: not yet ready to handle request" } };
                return { json: { kind: "ConfigMap" } };
            });
            const cluster = clusterAt(server);
            const answer = await cluster.send("PATCH", "/api/v1/x", { body: {} });
            print({ answer, seen });
        `);
        assert.deepEqual(found, {
            answer: { kind: "ConfigMap" },
            seen: Array(5).fill("PATCH /api/v1/x"),
        });
    });

    it("brings a change that has begun to its end when it is cancelled, and begins no other", async () => {
        const found = await run(`
            ${cluster}
            const cancellation = new AbortController();
            const seen = [];
            const server = await serve(({ method }) => {
                seen.push(method);
                cancellation.abort(new Error("cancelled by the user"));
                return { text: JSON.stringify({ kind: "ConfigMap" }), delayMs: 300 };
            });
            const connection = clusterAt(server);
            const { signal } = cancellation;
            const send = (method) =>
                connection.send(method, "/api/v1/x", { signal, ...(method === "PATCH" && { body: {} }) })
                    .then(({ kind }) => kind, ({ message }) => message);
            print([await send("PATCH"), await send("PATCH"), seen]);
        `);
        assert.deepEqual(found, ["ConfigMap", "cancelled by the user", ["PATCH"]]);
    });
});

/** Makes the `context` of an image and the `socket` of a Docker engine. */
const prepareBuild = `
    const { mkdtempSync, writeFileSync } = await import("node:fs");
    const directory = mkdtempSync(process.env.HOME + "/context-");
    writeFileSync(directory + "/Dockerfile", "FROM scratch\\n");
    const context = { directory, dockerfile: directory + "/Dockerfile" };
    const socket = process.env.HOME + "/docker.sock";
    process.env.DOCKER_HOST = "unix://" + socket;
`;

describe("the stand-in for docker", () => {
    it("retries an interrupted build or push, and reports it", async () => {
        const found = await run(`
            ${prepareBuild}
            const { buildImage, pushImage } = await load("providers/docker/engine.ts");
            const seen = [];
            const line = (value) => JSON.stringify(value) + "\\n";
            const refused = 'Get "http://localhost:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused';
            await serve(({ method, url }) => {
                const path = url.split("?")[0];
                if (path !== "/_ping") seen.push(path);
                const tries = seen.filter((one) => one === path).length;
                if (path === "/_ping") return { text: "OK" };
                if (path === "/build") {
                    return { text: line({ stream: "Step 1/1" }), cut: tries === 1 };
                }
                if (tries === 1) return { text: line({ status: "Preparing" }), cut: true };
                if (tries === 2) return { text: line({ error: refused }) };
                return { text: line({ aux: { Digest: "sha256:0" } }) };
            }, { path: socket });
            const told = [];
            const log = { progress: () => undefined, info: (text) => told.push(text) };
            const watch = { log, signal: new AbortController().signal };
            const image = "localhost:1/a:1";
            await buildImage(image, { context, args: {} }, watch);
            const digest = await pushImage(image, {}, watch);
            print({ digest, seen, told });
        `);
        const { told, ...rest } = found as { told: string[]; digest: string; seen: string[] };
        assert.deepEqual(rest, {
            digest: "localhost:1/a@sha256:0",
            seen: ["/build", "/build", ...Array<string>(3).fill("/images/localhost:1/a:1/push")],
        });
        assert.equal(told.length, 3);
        for (const line of told)
            assert.match(line, /^(build|push) of 'localhost:1\/a:1': is tried again: /);
        assert.match(told[2] ?? "", /connection refused/);
    });

    it("says that a build was cancelled, not that its connection was lost", async () => {
        const found = await run(`
            ${prepareBuild}
            const { buildImage } = await load("providers/docker/engine.ts");
            const cancellation = new AbortController();
            await serve(({ url }) => {
                if (url === "/_ping") return { text: "OK" };
                setTimeout(() => cancellation.abort(new Error("cancelled by the user")), 100);
                return { text: JSON.stringify({ stream: "Step 1/1" }) + "\\n", open: true };
            }, { path: socket });
            const log = { progress: () => undefined, info: () => undefined };
            const watch = { log, signal: cancellation.signal };
            await buildImage("localhost:1/a:1", { context, args: {} }, watch).catch(({ message }) => print(message));
        `);
        assert.equal(found, "cancelled by the user");
    });

    it("names cause and repair when the engine stays unavailable", async () => {
        const found = await run(`
            process.env.DOCKER_HOST = "unix://" + process.env.HOME + "/none.sock";
            const now = Date.now;
            let passed = 0;
            Date.now = () => now() + (passed += 10_000);
            const { buildImage } = await load("providers/docker/engine.ts");
            const log = { progress: () => undefined, info: () => undefined };
            const watch = { log, signal: new AbortController().signal };
            const context = { directory: process.env.HOME, dockerfile: "Dockerfile" };
            await buildImage("localhost:1/a:1", { context, args: {} }, watch).catch(({ message }) => print(message));
        `);
        assert.match(
            String(found),
            /^the Docker engine 'unix:.*none\.sock' cannot be reached \(ENOENT\); start it, or name another by DOCKER_HOST$/,
        );
    });
});

describe("the stand-in for keycloak", () => {
    const start = `
        const { Connection } = await load("providers/keycloak/connection.ts");
        const { clientEntity } = await load("providers/keycloak/client.ts");
        const token = ["{}", JSON.stringify({ exp: 4e9 }), ""].map((part) => Buffer.from(part).toString("base64url")).join(".");
        const kept = new Map();
        const seen = [];
        let behave = () => "answer";
        const server = await serve(({ method, url, body }) => {
            if (url.endsWith("/token")) return { json: { access_token: token, refresh_token: token } };
            seen.push(method);
            const behaviour = behave(method);
            if (behaviour === "cut before") return undefined;
            if (behaviour === "unknown login") return { status: 401, json: { error: "no session" } };
            if (method === "GET") {
                const client = kept.get(url.split("/").at(-1));
                return client === undefined ? { status: 404 } : { json: client };
            }
            const client = JSON.parse(body);
            if ([...kept.values()].some(({ clientId }) => clientId === client.clientId))
                return { status: 409, json: { errorMessage: "exists" } };
            kept.set(client.id, client);
            if (behaviour === "cut after") return undefined;
            return { status: 201, headers: { location: "/clients/" + client.id } };
        });
        const connection = new Connection({
            url: "http://127.0.0.1:" + portOf(server), clientId: "admin-cli", username: "a", password: "b",
        });
        const create = () => clientEntity.create(connection, { realmId: "r", clientId: "c" }, { clientId: "c" }, "of-this-resource");
        const behaveOnce = (behaviour, on = "POST") => {
            let done = false;
            behave = (method) => {
                if (done || method !== on) return "answer";
                done = true;
                return behaviour;
            };
        };
    `;

    const cases = {
        "before it took the request": { behaviour: "cut before", seen: ["POST", "POST"] },
        "after it took the request": { behaviour: "cut after", seen: ["POST", "POST", "GET"] },
        "and does not know the login any more": {
            behaviour: "unknown login",
            seen: ["POST", "POST"],
        },
    };
    for (const [when, { behaviour, seen }] of Object.entries(cases)) {
        it(`creates a client once when Keycloak was killed ${when}`, async () => {
            const found = await run(`
                ${start}
                behaveOnce(${JSON.stringify(behaviour)});
                const id = await create();
                print({ clients: kept.size, same: kept.has(id), seen });
            `);
            assert.deepEqual(found, { clients: 1, same: true, seen });
        });
    }

    it("does not adopt an existing client", async () => {
        const found = await run(`
            ${start}
            kept.set("theirs", { id: "theirs", clientId: "c" });
            behaveOnce("cut before");
            await create().catch(({ message }) => print(message));
        `);
        assert.match(
            String(found),
            /create client 'c' of realm 'r': refused with status 409: exists; the state of this stack does not have it: /,
        );
    });
});
