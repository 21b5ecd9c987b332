import assert from "node:assert/strict";
import { McpServer } from "@modelcontextprotocol/server";

import { MountedServer, type StartedServer } from "../src/servers/mountedServer.ts";

const create = () => new McpServer({ name: "test", version: "1" });
const mount = (start: () => StartedServer) => new MountedServer({ name: "test", start });

describe("MountedServer", () => {
    it("releases what it acquired exactly once", async () => {
        let stops = 0;
        const server = mount(() => ({ create, stop: () => void (stops += 1) }));
        await server.start();
        await server.stop();
        await server.stop();
        assert.equal(stops, 1);
    });

    it("fails alone when it cannot start or stop", async () => {
        const broken = mount(() => {
            throw new Error("no key");
        });
        await broken.start();
        assert.deepEqual(broken.state, { status: "failed", reason: "no key" });
        await broken.stop();
        const stuck = mount(() => ({
            create,
            stop: () => {
                throw new Error("no answer");
            },
        }));
        await stuck.start();
        await stuck.stop();
        assert.deepEqual(stuck.state, { status: "failed", reason: "no answer" });
    });

    it("answers 503 before it is started and after it is stopped", async () => {
        const server = mount(() => ({ create }));
        const ask = () => server.handle(new Request("http://localhost/", { method: "POST" }));
        assert.equal((await ask()).status, 503);
        await server.start();
        assert.notEqual((await ask()).status, 503);
        await server.stop();
        assert.equal((await ask()).status, 503);
    });
});
