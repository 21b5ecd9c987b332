/**
 * Serves an MCP server of another address over stdio: `connect.cjs URL`. As the command of a bridge it gives a native
 * HTTP server what the bridge has, such as tools as REST.
 */
import { createInterface } from "node:readline";
import { HttpServer } from "./connect/httpServer.ts";
import type { JsonObject } from "./json/jsonRpc.ts";

const [url = "", ...others] = process.argv.slice(2);
if (others.length > 0 || !URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    process.stderr.write(
        `slipway-connect: must be given the http or https URL of an MCP server, got '${[url, ...others].join(" ")}'; usage: connect.cjs URL\n`,
    );
    process.exitCode = 2;
} else {
    const server = new HttpServer(new URL(url), {
        onMessage: (message) => process.stdout.write(`${JSON.stringify(message)}\n`),
        onSessionLost: () => {
            // The bridge starts this program again, which opens another session.
            process.stderr.write(`slipway-connect: ${url} has ended the session\n`);
            process.exit(1);
        },
    });
    const lines = createInterface({ input: process.stdin, crlfDelay: Infinity });
    lines.on("line", (line) => server.send(JSON.parse(line) as JsonObject));
    lines.once("close", () => void server.close().finally(() => process.exit(0)));
    process.once("SIGTERM", () => lines.close());
}
