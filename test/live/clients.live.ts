import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

import {
    buildClientConfig,
    clientKinds,
    type ClientName,
    listClientVariables,
} from "../../components/clients/clientConfig.ts";
import type { ClientEndpoint } from "../../components/clients/endpoint.ts";
import { projectRoot } from "../../local/stack.ts";
import { connectV1 } from "../../verify/connection.ts";
import { installRequirements } from "../support/pythonServer.ts";
import { post } from "./post.ts";
import { testStack } from "./testStack.ts";

const run = promisify(execFile);

/** Each client's configuration is read and used as the client does it, with nothing but what its text and variables say. */
describe("the configuration of", () => {
    let directory: string;
    let endpoint: ClientEndpoint;
    let credentials: { client_id: string; client_secret: string };
    let token: string;
    const files = { caFile: "", credentialsFile: "" };

    before(async function () {
        this.timeout(600_000);
        const { outputs, token: requestToken } = await testStack();
        directory = await mkdtemp(join(tmpdir(), "slipway-clients-"));
        files.caFile = join(directory, "ca.pem");
        files.credentialsFile = join(directory, "client.json");
        const url = outputs.endpoints["add-numbers"]!;
        endpoint = { server: "add-numbers", url, issuer: outputs.issuer! };
        credentials = {
            client_id: "add-numbers-only",
            client_secret: outputs.clientSecrets["add-numbers-only"]!,
        };
        token = await requestToken("add-numbers-only");
        await writeFile(files.caFile, outputs.caCertificates!);
        await writeFile(files.credentialsFile, JSON.stringify(credentials), { mode: 0o600 });
        await symlink(join(projectRoot, "node_modules"), join(directory, "node_modules"));
    });

    after(() => rm(directory, { recursive: true, force: true }));

    const textFor = (client: ClientName) => buildClientConfig(client, [endpoint], files);

    /** The variables that a client needs, and those without which no program starts. */
    const environmentOf = (client: ClientName) => {
        const { caFile } = files;
        const values: Record<string, string> = {
            MCP_TOKEN: token,
            MCP_CLIENT_ID: credentials.client_id,
            MCP_CLIENT_SECRET: credentials.client_secret,
            NODE_EXTRA_CA_CERTS: caFile,
            SSL_CERT_FILE: caFile,
        };
        const names = Object.keys(listClientVariables(client, files));
        const needed = names.map((name) => [name, values[name]!]);
        const PATH = [dirname(process.execPath), process.env["PATH"]].join(":");
        return { PATH, HOME: directory, ...Object.fromEntries(needed) } as Record<string, string>;
    };

    /** Runs a program written for a client and gives what it prints. */
    const runProgram = async (client: ClientName, program: string, file: string) => {
        await writeFile(join(directory, file), textFor(client));
        const options = { cwd: directory, env: environmentOf(client), timeout: 60_000 };
        return (await run(program, [join(directory, file)], options)).stdout;
    };

    it("Claude Desktop starts mcp-remote, which requests its tokens itself", async () => {
        const { mcpServers } = JSON.parse(textFor("claudeDesktop")) as {
            mcpServers: Record<
                string,
                { command: string; args: string[]; env: Record<string, string> }
            >;
        };
        const { command, args, env } = mcpServers["add-numbers"]!;
        const client = new Client({ name: "desktop", version: "1.0.0" });
        const transport = new StdioClientTransport({
            command,
            args,
            env: { ...environmentOf("claudeDesktop"), ...env },
            cwd: directory,
            stderr: "pipe",
        });
        let log = "";
        transport.stderr?.on("data", (text: Buffer) => (log += text.toString()));
        await client.connect(transport).catch((error: unknown) => {
            throw new Error(log, { cause: error });
        });
        try {
            const { tools } = await client.listTools();
            assert.deepEqual(
                tools.map(({ name }) => name),
                ["add_numbers"],
            );
        } finally {
            await client.close();
        }
    });

    it("the Inspector is a command that lists the tools", async function () {
        this.timeout(300_000);
        const inspector = join(directory, "inspector");
        await cp(join(import.meta.dirname, "inspector"), inspector, { recursive: true });
        // What is installed beside it is what npx runs.
        await run("npm", ["ci", "--ignore-scripts", "--omit=optional"], { cwd: inspector });
        const options = { cwd: inspector, env: environmentOf("inspector"), timeout: 60_000 };
        const { stdout } = await run("sh", ["-c", textFor("inspector")], options);
        const { tools } = JSON.parse(stdout) as { tools: { name: string }[] };
        assert.deepEqual(
            tools.map(({ name }) => name),
            ["add_numbers"],
        );
    });

    it("curl is a command that initializes", async () => {
        const options = { cwd: directory, env: environmentOf("curl"), timeout: 60_000 };
        const { stdout } = await run("sh", ["-c", textFor("curl")], options);
        assert.match(stdout, /"serverInfo"/);
    });

    it("the TypeScript SDK v2 is a program that lists the tools", async () => {
        assert.equal(await runProgram("typescript", process.execPath, "v2.ts"), "add_numbers\n");
    });

    it("the TypeScript SDK v1 is a program that lists the tools", async () => {
        assert.equal(await runProgram("typescriptV1", process.execPath, "v1.ts"), "add_numbers\n");
    });

    it("the Python SDK is a program that lists the tools", async function () {
        this.timeout(300_000);
        const programs = await installRequirements("images/add-numbers");
        const python = join(programs, "python3");
        assert.equal(await runProgram("python", python, "client.py"), "add_numbers\n");
    });

    /** Clients that cannot run here: their references are resolved as their documentation says, and the rest is sent. */
    const references: Partial<Record<ClientName, { url: string; token: RegExp }>> = {
        claudeCode: { url: "url", token: /\$\{MCP_TOKEN\}/ },
        vscode: { url: "url", token: /\$\{input:mcp-token\}/ },
        cursor: { url: "url", token: /\$\{env:MCP_TOKEN\}/ },
        windsurf: { url: "serverUrl", token: /\$\{env:MCP_TOKEN\}/ },
        gemini: { url: "httpUrl", token: /\$MCP_TOKEN/ },
        flowise: { url: "url", token: /\{\{\$vars\.MCP_TOKEN\}\}/ },
    };
    for (const [client, { url, token: reference }] of Object.entries(references)) {
        it(`${clientKinds[client as ClientName].title} has address and token of the server`, async () => {
            const text = JSON.parse(textFor(client as ClientName)) as Record<string, unknown>;
            const servers = (text["mcpServers"] ??
                text["servers"] ?? { "add-numbers": text }) as Record<
                string,
                Record<string, unknown>
            >;
            const entry = servers["add-numbers"]!;
            const headers = entry["headers"] as Record<string, string>;
            const authorization = headers["Authorization"]!.replace(reference, token);
            const listed = await post(
                entry[url] as string,
                { method: "tools/list" },
                { authorization },
            );
            assert.equal(listed.status, 200, listed.text);
        });
    }

    it("Codex has address and token of the server", async () => {
        const text = textFor("codex");
        const [, url = ""] = /^url = "(.*)"$/m.exec(text) ?? [];
        const [, variable = ""] = /^bearer_token_env_var = "(.*)"$/m.exec(text) ?? [];
        const connection = await connectV1(url, environmentOf("codex")[variable]!);
        const names = (await connection.listTools()).map(({ name }) => name);
        assert.deepEqual(names, ["add_numbers"]);
        await connection.close();
    });

    it("every client in the stack's outputs contains no secret", async () => {
        const { outputs, stack } = await testStack();
        const { clientConfigs, serverJson } = await stack.outputs();
        const texts = JSON.stringify([clientConfigs?.value, serverJson?.value]);
        assert.ok(texts.includes(endpoint.url));
        for (const secret of Object.values(outputs.clientSecrets)) {
            assert.equal(texts.includes(secret), false);
        }
    });
});
