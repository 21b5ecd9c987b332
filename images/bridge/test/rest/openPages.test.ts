import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findRestAssets } from "../../restAssets.ts";
import { issuerName, resource, startIssuer, type Issuer } from "../support/issuer.ts";
import { bundlePrograms, startProgram, type RunningProgram } from "../support/startProgram.ts";
import { unruly } from "../support/startUnruly.ts";
import { until } from "../support/until.ts";

/** What only this server says of itself. */
const telling = ["secret_tool", "secret-server", "unruly"];

/** Paths at which a bridge serves its pages' files, which anyone may have. */
const open = findRestAssets()
    .map(({ name, source }) => ({ name, source, path: `/docs/${name}` }))
    .filter(({ name }) => /\.(html|css|js|mjs)$/.test(name))
    .map((file) =>
        file.name.endsWith(".html") ? { ...file, path: `/${file.name.slice(0, -5)}` } : file,
    );

describe("a bridge that wants a token", function () {
    this.timeout(60_000);
    let issuer: Issuer;
    let directory: string;
    let program: RunningProgram;
    let url: string;

    before(async () => {
        bundlePrograms();
        issuer = await startIssuer();
        directory = mkdtempSync(join(tmpdir(), "slipway-pages-"));
        const file = join(directory, "server.json");
        writeFileSync(file, JSON.stringify({ capabilities: { tools: {} }, tools: [telling[0]] }));
        const trust = ["--issuer", issuerName, "--audience", resource];
        const flags = [...trust, "--jwks-uri", issuer.jwksUri, "--server", "secret-server"];
        const server = unruly("--file", file);
        program = startProgram("bridge", ["--port", "0", ...flags, "--", ...server]);
        const port = () => program.log.find(({ event }) => event === "listening")?.port;
        await until(() => port() !== undefined);
        url = `http://127.0.0.1:${String(port())}`;
        await until(async () => (await fetch(`${url}/readyz`)).status === 200);
    });

    after(async () => {
        process.kill(program.pid, "SIGTERM");
        await program.ended;
        await issuer.stop();
        rmSync(directory, { recursive: true });
    });

    for (const { path, source } of open) {
        it(`gives ${path} to anyone: a file that is the same for every server`, async () => {
            const response = await fetch(url + path);
            assert.equal(response.status, 200);
            assert.ok((await response.text()) === readFileSync(source, "utf8"));
            const headers = JSON.stringify([...response.headers]);
            telling.forEach((word) => assert.ok(!headers.includes(word), headers));
        });
    }

    it("has pages to give", () => {
        const paths = open.map(({ path }) => path);
        assert.ok(paths.includes("/docs") && paths.includes("/redoc"), String(paths));
    });

    for (const [method, path] of [
        ["GET", "/openapi.json"],
        ["GET", "/tools"],
        ["POST", "/tools/secret_tool"],
        ["POST", "/call"],
    ] as const) {
        it(`says nothing of its tools at ${path} without one`, async () => {
            const body = method === "POST" ? { body: "{}" } : {};
            const type = { "content-type": "application/json" };
            for (const token of [undefined, "Bearer forged"]) {
                const authorization = token === undefined ? {} : { authorization: token };
                const headers = { ...type, ...authorization };
                const response = await fetch(url + path, { method, headers, ...body });
                assert.equal(response.status, 401);
                const said = (await response.text()) + JSON.stringify([...response.headers]);
                telling.forEach((word) => assert.ok(!said.includes(word), said));
            }
        });
    }

    it("tells its tools to who has one", async () => {
        const headers = { authorization: `Bearer ${await issuer.sign()}` };
        for (const path of ["/openapi.json", "/tools"]) {
            const response = await fetch(url + path, { headers });
            assert.equal(response.status, 200);
            assert.match(await response.text(), /secret_tool/);
        }
    });
});
