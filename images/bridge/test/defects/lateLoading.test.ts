import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { openConnection, type RawConnection } from "../support/connection.ts";
import { bundlePrograms, startProgram, type RunningProgram } from "../support/startProgram.ts";
import { fixture } from "../support/startFixture.ts";
import { until } from "../support/until.ts";

/** Few, but enough to start with: Node takes some twenty, a process of the server three. */
const descriptors = 60;

const envelope = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/logLevel": "info",
};
const modern = { jsonrpc: "2.0", id: 7, method: "tools/list", params: { _meta: envelope } };
const modernHead = "mcp-protocol-version: 2026-07-28\r\nmcp-method: tools/list\r\n";

function write(method: string, path: string, body?: unknown, head = ""): string {
    const text = body === undefined ? "" : JSON.stringify(body);
    const fields = `host: localhost\r\ncontent-type: application/json\r\naccept: application/json, text/event-stream\r\ncontent-length: ${text.length}\r\n`;
    return `${method} ${path} HTTP/1.1\r\n${fields}${head}\r\n${text}`;
}

/** Requests that need a part of the program, or a file, which is read when it is first needed. */
const requests: Record<string, { text: string; refused: number; served: number }> = {
    "a request of 2026-07-28 that the SDK is to judge": {
        text: write("POST", "/mcp", modern, modernHead),
        ...{ refused: 503, served: 200 },
    },
    "a batch, which the SDK is to judge": {
        text: write("POST", "/mcp", []),
        ...{ refused: 503, served: 400 },
    },
    "a list by REST": { text: write("GET", "/tools"), refused: 503, served: 200 },
    "a call by REST": {
        text: write("POST", "/call", { tool_name: "echo", tool_args: { text: "x" } }),
        ...{ refused: 503, served: 200 },
    },
    "a page of REST": { text: write("GET", "/docs"), refused: 503, served: 200 },
    "the metrics": { text: write("GET", "/metrics"), refused: 200, served: 200 },
};

describe("a bridge without a file descriptor left for what it loads when it is first needed", function () {
    this.timeout(60_000);
    let program: RunningProgram;
    const lines = new Map<string, RawConnection>();
    const others: RawConnection[] = [];
    const find = (event: string) => program.log.filter((entry) => entry.event === event);

    /** Sends a request on a connection that was there before; gives its answer. */
    async function ask(name: string): Promise<{ status: number; text: string }> {
        const connection = lines.get(name);
        assert.ok(connection);
        const before = connection.text().length;
        connection.socket.write(requests[name]?.text ?? "");
        await until(() => /\r\n\r\n[^]+/.test(connection.text().slice(before)));
        const text = connection.text().slice(before);
        return { status: Number(/^HTTP\/1.1 (\d+)/.exec(text)?.[1]), text };
    }

    before(async () => {
        bundlePrograms();
        const flags = ["--port", "0", "--rest", "true", "--isolation", "shared"];
        program = startProgram(
            "bridge",
            [...flags, "--", process.execPath, fixture],
            {},
            descriptors,
        );
        await until(() => find("server ready").length === 1 && find("listening").length === 1);
        const url = `http://127.0.0.1:${String(find("listening")[0]?.port)}/mcp`;
        for (const name of Object.keys(requests)) {
            lines.set(name, await openConnection(url));
        }
        for (let count = 0; count < descriptors; count++) {
            others.push(await openConnection(url));
        }
        // Connections are open before a busy bridge has taken them.
        await until(() => readdirSync(`/proc/${program.pid}/fd`).length >= descriptors, 20_000);
    });
    after(async () => {
        for (const { socket } of lines.values()) {
            socket.destroy();
        }
        process.kill(program.pid, "SIGTERM");
        assert.equal(await program.ended, 0);
    });

    for (const [name, { refused }] of Object.entries(requests)) {
        it(`answers ${name} with ${refused}`, async () => {
            const { status, text } = await ask(name);
            assert.equal(status, refused, text);
            if (refused === 503) {
                assert.match(text, /^retry-after: \d/im);
                assert.match(text, /try again/);
                assert.doesNotMatch(text, /EMFILE|\.cjs/);
            }
        });
    }

    it("says why to its operator", () => {
        const reasons = find("library not loaded").map(({ reason }) => String(reason));
        assert.ok(reasons.length >= 5, JSON.stringify(reasons));
        for (const reason of reasons) {
            assert.match(reason, /EMFILE/);
        }
    });

    it("serves all of them when there are descriptors again", async () => {
        others.forEach(({ socket }) => socket.destroy());
        for (const [name, { served }] of Object.entries(requests)) {
            await until(async () => (await ask(name)).status === served);
        }
    });
});
