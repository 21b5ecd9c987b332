import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A program that knows stdio only, connected by `mcp-remote`. */
export interface RemoteProgram {
    client: Client;
    /** Resolves to the URL that `mcp-remote` asks its user to visit. */
    authorization: Promise<URL>;
    /** Resolves when the client is connected, which takes a login. */
    connected: Promise<void>;
}

/** Starts `mcp-remote` without a browser: it prints the URL for one. */
export async function openRemoteProgram(
    url: string,
    clientId: string,
    certificates: string,
): Promise<RemoteProgram> {
    const home = await mkdtemp(join(tmpdir(), "mcp-remote-"));
    const authorities = join(home, "authorities.pem");
    await writeFile(authorities, certificates);
    const transport = new StdioClientTransport({
        command: process.execPath,
        args: [
            "node_modules/mcp-remote/dist/proxy.js",
            url,
            "--static-oauth-client-info",
            JSON.stringify({ client_id: clientId }),
        ],
        // An empty PATH: nothing on it can open a browser of the machine.
        env: {
            PATH: home,
            HOME: home,
            MCP_REMOTE_CONFIG_DIR: home,
            NODE_EXTRA_CA_CERTS: authorities,
        },
        stderr: "pipe",
    });
    const authorization = new Promise<URL>((resolve, reject) => {
        let log = "";
        transport.stderr?.on("data", (text: Buffer) => {
            log += text.toString();
            const [, visited] = /visiting:\s*(https:\S+)\s/.exec(log) ?? [];
            if (visited !== undefined) resolve(new URL(visited));
        });
        transport.stderr?.on("end", () => reject(new Error(`mcp-remote has ended:\n${log}`)));
    });
    const client = new Client({ name: "slipway-tests", version: "1.0.0" });
    return { client, authorization, connected: client.connect(transport) };
}
