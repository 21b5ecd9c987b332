import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as TransportV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import prettier from "prettier";
import { parse } from "yaml";

import { planServer, type ServerPlan } from "../../local/init/planServer.ts";
import { languages, transports } from "../../local/init/templates.ts";
import { projectRoot } from "../../local/stack.ts";
import { describeImage } from "../support/imageContract.ts";
import {
    installRequirements,
    type RunningServer,
    startHttpServer,
} from "../support/pythonServer.ts";

const root = mkdtempSync(join(tmpdir(), "slipway-init-"));
const bridge = join(projectRoot, "images/bridge/src/main.ts");
const devStack = readFileSync(join(projectRoot, "Pulumi.dev.yaml"), "utf8");
writeFileSync(join(root, "Pulumi.dev.yaml"), devStack);

const plan = (name: string, language: string, transport: string, stack = "dev"): ServerPlan =>
    planServer(root, { name, language, transport, stack });

const kinds = languages.flatMap((language) =>
    transports.map((transport) => ({ language, transport, name: `${language}-${transport}` })),
);
for (const { name, language, transport } of kinds) {
    const { directory, files } = plan(name, language, transport);
    for (const [path, text] of Object.entries(files)) {
        const file = join(root, directory, path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
    }
}

describe("init", function () {
    this.timeout(180_000);
    after(() => rmSync(root, { recursive: true }));

    for (const { name, language, transport } of kinds) {
        const directory = join(root, "servers", name);
        describeImage(name, directory, { isRunByHand: true });

        describe(`the ${transport} server in ${language}`, () => {
            let server: RunningServer;
            before(async () => {
                const [program = "", ...args] = await install(directory, language);
                server = await start(program, args, transport);
            });
            after(async () => {
                const ended = once(server.process, "exit");
                server.process.kill("SIGTERM");
                const [code, signal] = await ended;
                // Uvicorn ends itself by the signal that it has handled.
                assert.ok(code === 0 || signal === "SIGTERM", server.log());
            });

            for (const mode of ["auto", "legacy"] as const) {
                it(`is called by SDK v2 in mode '${mode}'`, async () => {
                    const info = { name: "test", version: "1" };
                    const client = new Client(info, { versionNegotiation: { mode } });
                    await client.connect(new StreamableHTTPClientTransport(urlOf(server)));
                    const version = mode === "auto" ? "2026-07-28" : "2025-11-25";
                    assert.equal(client.getNegotiatedProtocolVersion(), version);
                    await greet(client, name);
                    await client.close();
                });
            }

            it("is called by SDK v1", async () => {
                const client = new ClientV1({ name: "test", version: "1" });
                await client.connect(new TransportV1(urlOf(server)));
                await greet(client, name);
                await client.close();
            });
        });

        it(`writes ${name} without its template's name, formatted as the project`, async () => {
            const config = await prettier.resolveConfig(join(projectRoot, "package.json"));
            const { files } = plan(`${name}-2`, language, transport);
            assert.ok("Dockerfile" in files && "README.md" in files && ".dockerignore" in files);
            for (const [path, text] of Object.entries(files)) {
                assert.doesNotMatch(text, /my-server/, path);
                if (!/\.(ts|md|json)$/.test(path) || path === "package-lock.json") continue;
                const formatted = await prettier.check(text, { ...config, filepath: path });
                assert.ok(formatted, path);
            }
        });
    }

    it("adds the server and its caller to the stack's file, and leaves all other text", () => {
        const { stackText, url, client } = plan("mine", "python", "stdio");
        assert.equal(
            stackText,
            devStack.replace("task-orchestrator, fetch]", "task-orchestrator, fetch, mine]") +
                `    - name: mine
      source: { build: servers/mine }
      transport: stdio
      command: [/opt/venv/bin/python, -m, app]
      probe: { tool: greet, args: { name: Ada }, expect: "Hello, Ada!" }
`,
        );
        assert.equal(url, "https://localhost:30443/mine/mcp");
        assert.equal(client, "agent");
    });

    it("adds to files of other shapes", () => {
        const example = readFileSync(join(projectRoot, "Pulumi.prod.yaml.example"), "utf8");
        const shapes: Record<string, string> = {
            example,
            // Comments of the last server, no line break at the end, a client with a list in lines, a wide indentation.
            comments: `config:
    slipway:identity:
        issuer: https://id.example.org/realms/a
        realm: a
        clients:
            - name: agent
              servers:
                  - one # the first
    slipway:servers:
        # One.
        - name: one
          source: { image: "example.org/one:1.0.0" }
          # env: { A: b }
    # The gateway.
    slipway:gateway: { kind: nginx, host: example.org, tls: { selfSigned: true } } # last`,
            short: `config:
  slipway:gateway: { host: example.org, tls: { selfSigned: true } }
  slipway:identity: { issuer: "https://id.example.org/realms/a", realm: a, clients: [{ name: agent, servers: [] }] }
  slipway:servers:
  - name: one
    source: { image: "example.org/one:1.0.0" }`,
        };
        for (const [shape, text] of Object.entries(shapes)) {
            writeFileSync(join(root, `Pulumi.${shape}.yaml`), text);
            const { stackText } = plan("mine", "typescript", "http", shape);
            const before = parse(text).config;
            const after = parse(stackText).config;
            const added = after["slipway:servers"].pop();
            assert.deepEqual([added.name, added.healthPath], ["mine", "/health"], shape);
            const { servers } = after["slipway:identity"].clients[0];
            assert.equal(servers.pop(), "mine", shape);
            assert.deepEqual(after, before, shape);
            const comments = (file: string) => file.match(/#.*/g) ?? [];
            assert.deepEqual(comments(stackText), comments(text), shape);
        }
    });

    const refused: [string, string[], string[]][] = [
        [
            "a bad name and choices",
            ["Bad/Name", "typscript", "htp"],
            [
                "NAME: must be at most 40 lower-case letters, digits or '-', got 'Bad/Name'",
                "--language: must be one of typescript, python, got 'typscript'; did you mean 'typescript'?",
                "--transport: must be one of http, stdio, got 'htp'; did you mean 'http'?",
            ],
        ],
        [
            "the name of another server",
            ["fetch", "python", "http"],
            [
                "NAME: must be a name of its own, got 'fetch', which another server has; choose another",
            ],
        ],
        [
            "the name of the bridge's image",
            ["bridge", "python", "http"],
            [
                "NAME: must not be the name of the image of 'images/bridge', got 'bridge'; choose another",
            ],
        ],
        [
            "an existing directory and no stack",
            ["python-http", "python", "http", "none"],
            [
                "Pulumi.none.yaml: must exist, got no such file; '--stack NAME' names another stack",
                "servers/python-http: must be a new directory, got an existing one; remove it or choose another name",
            ],
        ],
        [
            "a file that is no YAML",
            ["mine", "python", "http", "broken"],
            [
                "YAML: must be valid, got: Flow sequence in block collection must be sufficiently indented and end with a ] at line 3, column 1:",
            ],
        ],
        [
            "a list of servers in one line",
            ["mine", "python", "http", "inline"],
            [
                "slipway:servers: must be a list with one line '- name: …' per server, to which another can be added; write it so",
            ],
        ],
    ];
    for (const [title, [name = "", language = "", transport = "", stack], problems] of refused) {
        it(`refuses ${title}`, () => {
            writeFileSync(join(root, "Pulumi.broken.yaml"), "config:\n  a: [\n");
            writeFileSync(join(root, "Pulumi.inline.yaml"), "config:\n  slipway:servers: []\n");
            assert.throws(
                () => plan(name, language, transport, stack),
                (error: Error) => {
                    const list = problems.map((problem) => `  - ${problem}`).join("\n");
                    assert.equal(error.message, `server '${name}' cannot be created:\n${list}`);
                    return true;
                },
            );
        });
    }
});

/** Installs exactly what the server's lock names; resolves to the command that starts it. */
async function install(directory: string, language: string): Promise<string[]> {
    if (language === "python") {
        const python = join(await installRequirements(directory), "python");
        // The bridge passes no such variable on.
        return ["env", `PYTHONPATH=${directory}`, python, "-B", "-m", "app"];
    }
    await promisify(execFile)("npm", ["ci", "--ignore-scripts", "--prefer-offline"], {
        cwd: directory,
    });
    return [process.execPath, join(directory, "src/main.ts")];
}

/** Starts an HTTP server as it is, and a stdio server behind the bridge, as the stack does. */
function start(program: string, args: string[], transport: string): Promise<RunningServer> {
    return transport === "http"
        ? startHttpServer(program, args, "/health")
        : startHttpServer(process.execPath, [bridge, "--", program, ...args], "/readyz");
}

const urlOf = ({ port }: RunningServer): URL => new URL(`http://127.0.0.1:${port}/mcp`);

async function greet(client: Client | ClientV1, server: string): Promise<void> {
    assert.deepEqual(client.getServerVersion(), { name: server, version: "0.1.0" });
    const { tools } = await client.listTools();
    assert.deepEqual(
        tools.map(({ name }) => name),
        ["greet"],
    );
    const result = await client.callTool({ name: "greet", arguments: { name: "Ada" } });
    assert.equal((result.content as [{ text: string }])[0].text, "Hello, Ada!");
}
