import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Docker from "dockerode";

import { baseImages } from "../../local/mirror/baseImages.ts";
import { findEngineProblem } from "../../local/mirror/foundEngine.ts";

/** Status codes of an engine's API by request path; 404 for other paths. */
type Answers = (path: string) => number;

describe("findEngineProblem", () => {
    let directory: string;
    let server: Server | undefined;

    beforeEach(async () => {
        directory = await mkdtemp(join(tmpdir(), "slipway-engine-"));
    });

    afterEach(async () => {
        server?.close();
        server = undefined;
        await rm(directory, { recursive: true });
    });

    async function listen(answers: Answers): Promise<Docker> {
        const socketPath = join(directory, "docker.sock");
        server = createServer((request, response) => {
            const status = request.url === "/_ping" ? 200 : answers(request.url ?? "");
            response.writeHead(status, { "content-type": "application/json" }).end("{}");
        });
        await new Promise<void>((resolve) => server?.listen(socketPath, resolve));
        return new Docker({ socketPath });
    }

    const cases: { title: string; answers: Answers; problem: RegExp | undefined }[] = [
        {
            title: "accepts an engine that resolves every base image upstream",
            answers: (path) =>
                path.startsWith("/distribution/") && !path.includes("localhost") ? 200 : 404,
            problem: undefined,
        },
        {
            title: "accepts an engine that has every base image, without asking upstream",
            answers: (path) => (path.startsWith("/images/") ? 200 : 404),
            problem: undefined,
        },
        {
            title: "names the base images that an engine cannot resolve",
            answers: (path) => (path.includes("debian") ? 200 : 500),
            problem: /^cannot resolve '(?!debian).*'node:[^']+', 'nginx:1\.31\.3'$/,
        },
        {
            title: "rejects an engine that does not reach the platform's registry",
            answers: (path) => (path.includes("localhost") ? 500 : 200),
            problem: /^does not reach the registry at 'localhost:30500'$/,
        },
    ];
    for (const { title, answers, problem } of cases) {
        it(title, async () => {
            const found = await findEngineProblem(await listen(answers), baseImages);
            if (problem === undefined) assert.equal(found, undefined);
            else assert.match(found ?? "", problem);
        });
    }

    it("reports that no engine answers at a stale socket", async () => {
        const engine = new Docker({ socketPath: join(directory, "gone.sock") });
        assert.equal(await findEngineProblem(engine, baseImages), "does not answer");
    });

    it("sends read-only requests, so that the engine's content does not change", async () => {
        const engine = await listen(() => 200);
        const methods: (string | undefined)[] = [];
        server?.on("request", ({ method }) => methods.push(method));
        await findEngineProblem(engine, baseImages);
        assert.deepEqual([...new Set(methods)], ["GET"]);
    });
});
