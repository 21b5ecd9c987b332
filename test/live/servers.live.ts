import { CoreV1Api } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

import { searches } from "../../images/brave-search/test/searches.ts";
import { planServer } from "../../local/init/planServer.ts";
import { projectRoot } from "../../local/stack.ts";
import { verifyServer } from "../../verify/verifyServer.ts";
import { testRun } from "../testRun/testRun.ts";
import { devServers } from "../support/devServers.ts";
import { addServers } from "./addServers.ts";
import { startBraveApi } from "./braveApi.ts";
import { braveSearch } from "./braveSearch.ts";
import { eventually, listReadyPods, readDeployment } from "./cluster.ts";
import { keptTasks, makeClaim } from "./keptTasks.ts";
import { bearer, post } from "./post.ts";
import { testStack, type TestStack } from "./testStack.ts";

type Text = [{ text: string }];
/** Servers as `npm run init` writes them. */
const generated = [
    { name: "new-typescript", language: "typescript", transport: "http" },
    { name: "new-python", language: "python", transport: "stdio" },
];
/** Servers that are an image by reference: which server's it is, and the rest of the entry. */
const byReference = [
    { name: "http-image", image: "add-numbers", transport: "http", sessions: "stateless" },
    {
        name: "stdio-image",
        image: "fetch",
        transport: "stdio",
        command: ["mcp-server-fetch", "--ignore-robots-txt"],
        isolation: "shared",
    },
];
/**
 * What servers have that get no load: an autoscaler would add pods while they start, which a refresh at that moment finds
 * unready, and the node has room for few that ask for more.
 */
const small = { replicas: { min: 1, max: 1 }, resources: { requests: { cpu: "10m" } } };
/** REST in front of the first generated one, which is a native HTTP server. */
const rest = "new-rest";
const client = "reference";
const eras = { legacy: "2025-11-25", auto: "2026-07-28" } as const;

describe("the servers of the project", function () {
    this.timeout(600_000);
    let dev: TestStack;
    let agent: Record<string, string>;
    let reference: Record<string, string>;
    let removeClaim = async () => {};
    const clients: Client[] = [];
    before(async () => {
        dev = await testStack();
        const written = await Promise.all(generated.map((one) => writeServer(one)));
        written[0]!.callers = [rest];
        removeClaim = await makeClaim(dev.kubeConfig);
        await addServers(client, [
            braveSearch(dev.name),
            await keptTasks(),
            ...written,
            restInFront(generated[0]!.name, dev.name),
            ...(await readyMade(dev)),
        ]);
        agent = bearer(await dev.token("agent"));
        reference = bearer(await dev.token(client));
    });
    after(async () => {
        await removeClaim();
        for (const client of clients) await client.close();
    });

    async function connect(server: string, mode: keyof typeof eras): Promise<Client> {
        const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
        const url = new URL(dev.outputs.endpoints[server]!);
        const requestInit = { headers: server in devServers ? agent : reference };
        await client.connect(new StreamableHTTPClientTransport(url, { requestInit }));
        assert.equal(client.getNegotiatedProtocolVersion(), eras[mode]);
        clients.push(client);
        return client;
    }

    async function call(client: Client, name: string, args: object = {}) {
        const result = await client.callTool({ name, arguments: { ...args } });
        const { text } = (result.content as unknown as Text)[0];
        assert.notEqual(result.isError, true, `${name}: ${text}`);
        return { text: JSON.stringify(result.content), content: result.structuredContent };
    }

    const modes = Object.keys(eras) as (keyof typeof eras)[];

    for (const mode of modes) {
        it(`greet and say good bye from one process, ${eras[mode]}`, async () => {
            const greet = await connect("greet", mode);
            assert.match((await call(greet, "echoHai", { userName: "Ada" })).text, /Hello, Ada!/);
            const bye = await connect("bye", mode);
            assert.match((await call(bye, "echoBye", { userName: "Ada" })).text, /Bye, Ada!/);
        });

        it(`orchestrate tasks with every tool and resource, ${eras[mode]}`, async () => {
            await orchestrate(await connect("task-orchestrator", mode), mode);
        });
    }

    /** Calls every tool, reads every resource, and hears of a change. */
    async function orchestrate(client: Client, mode: keyof typeof eras): Promise<void> {
        const idsOf = ({ content }: { content: unknown }) =>
            (content as { tasks: { id: string }[] }).tasks.map(({ id }) => ({ task_id: id }));
        const told = new Promise((resolve) => {
            client.setNotificationHandler("notifications/resources/updated", resolve);
        });
        if (mode === "legacy") await client.subscribeResource({ uri: "task://queue" });
        else await client.listen({ resourceSubscriptions: ["task://queue"] });
        await call(client, "add_task", { name: "single", priority: "critical" });
        await told;
        const tasks = [{ name: "first" }, { name: "second" }, { name: "third" }];
        const [first, second, third] = idsOf(await call(client, "add_tasks_batch", { tasks }));
        await assert.rejects(
            call(client, "add_tasks_batch", { tasks: [{ name: "a" }, { name: "" }] }),
            /tasks\.1\.name/,
        );
        assert.match((await call(client, "get_next_task")).text, /single/);
        for (const task of [first, second, third]) await call(client, "start_task", task);
        await call(client, "fail_task", third);
        await call(client, "retry_task", third);
        await call(client, "complete_task", first);
        await call(client, "complete_tasks_batch", { tasks: [second] });
        await call(client, "run_orchestrator", { max_tasks: 10 });
        const { resources } = await client.listResources();
        for (const { uri } of resources) {
            const { contents } = await client.readResource({ uri });
            assert.ok(JSON.parse((contents as unknown as Text)[0].text), uri);
        }
        const { contents } = await client.readResource({ uri: "task://filter/completed" });
        assert.match((contents as unknown as Text)[0].text, /"name":"single"/);
        assert.equal(idsOf(await call(client, "reset_all_tasks")).length, 4);
        await call(client, "run_orchestrator", { max_tasks: 10 });
        assert.equal(idsOf(await call(client, "clear_completed")).length, 4);
    }

    it("keep tasks on a claim when their pod is another one", async () => {
        await call(await connect("kept-tasks", "legacy"), "add_task", { name: "kept" });
        const [pod] = await listReadyPods(dev.kubeConfig, "kept-tasks");
        const { name } = pod!.metadata!;
        const api = dev.kubeConfig.makeApiClient(CoreV1Api);
        await api.deleteNamespacedPod({ namespace: dev.name, name: name! });
        await eventually("a new pod", 90, async () => {
            const [next] = await listReadyPods(dev.kubeConfig, "kept-tasks");
            return next !== undefined && next.metadata!.name !== name;
        });
        const found = await eventually("an answer of the new pod", 30, () =>
            connect("kept-tasks", "legacy")
                .then((client) => call(client, "get_next_task"))
                .catch(() => undefined),
        );
        assert.match(found.text, /kept/);
    });

    for (const { name, language, transport } of generated) {
        it(`are joined by a new ${transport} server in ${language}, built from what 'init' writes`, async () => {
            const { tools } = await verifyServer(dev.outputs, name);
            assert.deepEqual(tools, ["greet"]);
        });
    }

    for (const { name, transport } of byReference) {
        it(`run from a ready-made image too, by its reference alone, over ${transport}`, async () => {
            const { tools } = await verifyServer(dev.outputs, name);
            assert.equal(tools.length, 1);
        });
    }

    it("have a native server's tools as REST through a bridge in front, with the reference's codes", async () => {
        const at = (path: string) => dev.outputs.endpoints[rest]!.replace(/\/mcp$/, path);
        const headers = { "content-type": "application/json", ...reference };
        const send = async (body: object) => {
            const request = { method: "POST", headers, body: JSON.stringify(body) };
            const response = await fetch(at("/call"), request);
            return [response.status, await response.text()] as const;
        };
        assert.match(await (await fetch(at("/tools"), { headers })).text(), /"greet"/);
        const [status, text] = await send({ tool_name: "greet", tool_args: { name: "Ada" } });
        assert.ok(status === 200 && text.includes("Hello, Ada!"), text);
        assert.equal((await send({ tool_args: {} }))[0], 400);
        assert.equal((await send({ tool_name: "none" }))[0], 404);
        assert.equal((await fetch(at("/tools"))).status, 401);
    });

    it("accept for a mounted server no token of another one", async () => {
        const stranger = bearer(await dev.token("add-numbers-only"));
        for (const server of ["greet", "bye"]) {
            const url = dev.outputs.endpoints[server]!;
            assert.equal((await post(url, { method: "tools/list" })).status, 401);
            assert.equal((await post(url, { method: "tools/list" }, stranger)).status, 401);
        }
    });

    it("have a REST API beside MCP for tokens, its documentation for everybody, and nothing else", async () => {
        const at = (path: string) => new URL(`/greeter${path}`, dev.outputs.endpoints["greet"]);
        const add = (body: string, headers: Record<string, string> = {}) =>
            fetch(at("/math/tools/add"), {
                method: "POST",
                headers: { "content-type": "application/json", ...headers },
                body,
            });
        const sum = await add('{"a": 2, "b": 3}', agent);
        assert.deepEqual([sum.status, await sum.json()], [200, { result: 5 }]);
        assert.equal((await add('{"a": 2}', agent)).status, 422);
        assert.equal((await add('{"a": 2, "b": 3}')).status, 401);
        for (const path of ["/docs", "/redoc", "/openapi.json", "/docs/swagger-ui-bundle.js"]) {
            assert.equal((await fetch(at(path))).status, 200, path);
        }
        for (const path of ["/metrics", "/health", "/bye"]) {
            assert.equal((await fetch(at(path), { headers: agent })).status, 404, path);
        }
    });

    describe("brave-search", () => {
        before(async () => {
            await startBraveApi(dev.kubeConfig, dev.name);
            const client = await connect("brave-search", "legacy");
            const [name, args] = searches[0]!;
            // A new Service is known to the cluster's DNS and packet rules some seconds later.
            await eventually("an answer of Brave's API", 60, async () => {
                const { isError } = await client.callTool({ name, arguments: args });
                return isError !== true;
            });
        });

        for (const mode of modes) {
            it(`searches with every tool, ${eras[mode]}`, async () => {
                const client = await connect("brave-search", mode);
                for (const [name, args, expected] of searches) {
                    assert.match((await call(client, name, args)).text, expected, name);
                }
            });
        }

        it("has its tools as REST, with the reference's codes", async () => {
            const url = dev.outputs.endpoints["brave-search"]!;
            const at = (path: string) => url.replace(/\/mcp$/, path);
            const headers = { "content-type": "application/json", ...reference };
            const send = async (path: string, body: object) => {
                const text = JSON.stringify(body);
                return fetch(at(path), { method: "POST", headers, body: text });
            };
            const listed = await fetch(at("/tools"), { headers });
            assert.match(await listed.text(), /brave_place_search/);
            const [name, args, expected] = searches[0]!;
            const found = await send("/call", { tool_name: name, tool_args: args });
            assert.match(await found.text(), expected);
            assert.equal((await send("/call", { tool_args: args })).status, 400);
            const wrong = { tool_name: name, tool_args: { query: "harbour", count: "many" } };
            assert.equal((await send("/call", wrong)).status, 422);
            const elsewhere = at("/call").replace("/brave-search/", "/nowhere/");
            assert.equal(
                (await fetch(elsewhere, { method: "POST", headers, body: "{}" })).status,
                404,
            );
        });
    });
});

/** Writes a new server to the directory of the test run; resolves to its entry, which the stack's file would have. */
async function writeServer({ name, language, transport }: (typeof generated)[number]) {
    const { entry, files } = planServer(projectRoot, { name, language, transport, stack: "dev" });
    const directory = join(testRun().directory, "servers", name);
    for (const [path, text] of Object.entries(files)) {
        const file = join(directory, path);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, text);
    }
    return { ...entry, ...small, source: { build: directory }, callers: [] as string[] };
}

/** Entries with the images of the dev stack's servers, which are not built once more. */
async function readyMade({ kubeConfig }: TestStack) {
    const entries = byReference.map(async ({ image: server, ...entry }) => {
        const { spec } = await readDeployment(kubeConfig, server);
        const { image } = spec!.template.spec!.containers[0]!;
        return { ...entry, ...small, source: { image } };
    });
    return Promise.all(entries);
}

/** The entry of `images/bridge/README.md`. */
const restInFront = (server: string, namespace: string) => ({
    ...small,
    name: rest,
    source: { build: "images/bridge" },
    transport: "stdio",
    command: [
        "/slipway/bin/node",
        "/slipway/connect.cjs",
        `http://${server}.${namespace}.svc.cluster.local:8000/mcp`,
    ],
    isolation: "shared",
    bridge: { rest: true },
    egress: [
        {
            pods: { "app.kubernetes.io/name": server, "app.kubernetes.io/component": "server" },
            ports: [8000],
        },
    ],
});
