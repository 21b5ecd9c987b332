import assert from "node:assert/strict";
import { clientKinds } from "./support/clientKinds.ts";
import { pythonServer, startServer, type ServedServer } from "./support/startServer.ts";

describe("mcp-server-time through the bridge", function () {
    this.timeout(180_000);
    let served: ServedServer;
    before(async () => {
        const command = await pythonServer("mcp-server-time", "--local-timezone", "Europe/Berlin");
        served = await startServer([], command);
    });
    after(() => served.close());

    for (const kind of clientKinds) {
        it(`tells and converts the time: ${kind.title}`, async () => {
            await using client = await kind.connect(served.url);
            assert.equal(client.version, kind.version);
            assert.equal(client.serverName, "mcp-time");
            const tools = await client.tools();
            assert.deepEqual(
                tools.map(({ name }) => name),
                ["get_current_time", "convert_time"],
            );
            assert.match(JSON.stringify(tools[0]?.inputSchema), /Use 'Europe\/Berlin' as local/);

            const now = await client.call("get_current_time", { timezone: "UTC" });
            const told = Date.parse(String(now.structuredContent?.datetime));
            assert.ok(Math.abs(Date.now() - told) < 60_000, `it is not ${told}`);

            // Neither place changes its clocks.
            const conversion = await client.call("convert_time", {
                source_timezone: "Asia/Tokyo",
                time: "16:30",
                target_timezone: "Asia/Kathmandu",
            });
            const { target, time_difference } = conversion.structuredContent as {
                target: { datetime: string };
                time_difference: string;
            };
            assert.match(target.datetime, /T13:15:00\+05:45$/);
            assert.equal(time_difference, "-3.25h");
        });

        it(`keeps the server's two kinds of failure apart: ${kind.title}`, async () => {
            await using client = await kind.connect(served.url);
            const failed = await client.call("get_current_time", { timezone: "Mars/Olympus" });
            assert.equal(failed.isError, true);
            assert.match(JSON.stringify(failed.content), /Invalid timezone/);
            await assert.rejects(client.call("set_time"), { code: -32602 });
        });
    }
});
