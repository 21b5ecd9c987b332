import assert from "node:assert/strict";
import { once } from "node:events";
import type { Client } from "@modelcontextprotocol/client";

import type { Task } from "../src/tasks/task.ts";
import {
    eras,
    makeStateDirectory,
    openOrchestrator,
    spawnOrchestrator,
    transports,
    type Opened,
} from "./startOrchestrator.ts";

type Result = { task: Task; tasks: Task[] };

/** Calls a tool; rejects with the words of a refusal. */
async function call(client: Client, name: string, args: object = {}): Promise<Result> {
    const { isError, content, structuredContent } = await client.callTool({
        name,
        arguments: { ...args },
    });
    if (isError === true) throw new Error((content as unknown as [{ text: string }])[0].text);
    return structuredContent as Result;
}

async function read(client: Client, uri: string): Promise<Record<string, unknown>> {
    const { contents } = await client.readResource({ uri });
    return JSON.parse((contents as unknown as [{ text: string }])[0].text);
}

const names = async (client: Client, uri: string) =>
    ((await read(client, uri))["tasks"] as Task[]).map(({ name }) => name);

for (const transport of transports) {
    for (const [mode, revision] of Object.entries(eras) as [keyof typeof eras, string][]) {
        describe(`task-orchestrator over ${transport}, ${revision}`, () => {
            const { stateFile, remove } = makeStateDirectory();
            let opened: Opened;
            let client: Client;
            before(async () => {
                opened = await openOrchestrator(transport, mode, stateFile);
                ({ client } = opened);
            });
            beforeEach(async () => {
                const { tasks } = await call(client, "reset_all_tasks");
                for (const { id } of tasks) {
                    await call(client, "start_task", { task_id: id });
                    await call(client, "complete_task", { task_id: id });
                }
                await call(client, "clear_completed");
            });
            after(async () => {
                await opened.close();
                remove();
            });

            it("has the tools, resources and the template that it promises", async () => {
                assert.equal(client.getNegotiatedProtocolVersion(), revision);
                const { tools } = await client.listTools();
                assert.deepEqual(tools.map(({ name }) => name).sort(), [
                    "add_task",
                    "add_tasks_batch",
                    "clear_completed",
                    "complete_task",
                    "complete_tasks_batch",
                    "fail_task",
                    "get_next_task",
                    "reset_all_tasks",
                    "retry_task",
                    "run_orchestrator",
                    "start_task",
                ]);
                const { resources } = await client.listResources();
                const uris = resources.map(({ uri }) => uri);
                for (const name of ["queue", "current", "stats", "pending", "completed"]) {
                    assert.ok(uris.includes(`task://${name}`), name);
                }
                const { resourceTemplates } = await client.listResourceTemplates();
                assert.deepEqual(
                    resourceTemplates.map(({ uriTemplate }) => uriTemplate),
                    ["task://filter/{status}"],
                );
            });

            it("takes tasks by priority, then by age", async () => {
                for (const priority of ["low", "medium", "critical", "high", "critical"]) {
                    await call(client, "add_task", { name: priority, priority });
                }
                const order = ["critical", "critical", "high", "medium", "low"];
                assert.deepEqual(await names(client, "task://queue"), order);
                assert.deepEqual(await names(client, "task://pending"), order);
                const { task } = await call(client, "get_next_task");
                const { tasks } = await call(client, "run_orchestrator", { max_tasks: 2 });
                assert.equal(tasks[0]?.id, task.id);
                assert.deepEqual(
                    tasks.map(({ priority, status }) => [priority, status]),
                    [
                        ["critical", "completed"],
                        ["critical", "completed"],
                    ],
                );
                assert.deepEqual(await names(client, "task://pending"), order.slice(2));
            });

            it("leads a task through its life, and shows it in each resource", async () => {
                const { task } = await call(client, "add_task", { name: "one", max_attempts: 2 });
                const by = { task_id: task.id };
                await call(client, "start_task", by);
                assert.deepEqual(await names(client, "task://current"), ["one"]);
                assert.deepEqual(await names(client, "task://filter/in_progress"), ["one"]);
                await call(client, "fail_task", { ...by, error: "no wind" });
                assert.deepEqual(await names(client, "task://filter/failed"), ["one"]);
                await call(client, "retry_task", by);
                await call(client, "start_task", by);
                const done = await call(client, "complete_task", { ...by, result: "42" });
                assert.deepEqual([done.task.attempts, done.task.result], [2, "42"]);
                assert.deepEqual(await names(client, "task://completed"), ["one"]);
                assert.deepEqual(await read(client, "task://stats"), {
                    total: 1,
                    pending: 0,
                    in_progress: 0,
                    completed: 1,
                    failed: 0,
                    attempts: 2,
                    successPercent: 100,
                });
            });

            it("counts attempts against their maximum", async () => {
                const { task } = await call(client, "add_task", { name: "one", max_attempts: 1 });
                await call(client, "start_task", { task_id: task.id });
                await call(client, "fail_task", { task_id: task.id });
                await assert.rejects(
                    call(client, "retry_task", { task_id: task.id }),
                    /has no attempts left: 1 of 1 failed/,
                );
            });

            it("retries while it runs tasks, and tells each attempt as progress", async () => {
                await call(client, "add_tasks_batch", {
                    tasks: [
                        { name: "recovers", failures: 2 },
                        { name: "never", failures: 9, max_attempts: 2 },
                    ],
                });
                const told = await listProgress(client, () =>
                    client.callTool(
                        { name: "run_orchestrator", arguments: {} },
                        { onprogress: () => undefined },
                    ),
                );
                assert.deepEqual(
                    told.map((line) => line.replace(/^task \d+: /, "")),
                    [
                        "attempt 1 of 3 failed",
                        "attempt 2 of 3 failed",
                        "completed",
                        "attempt 1 of 2 failed",
                        "failed",
                    ],
                );
            });

            it("refuses a batch with one bad task as a whole, and says which", async () => {
                const good = { name: "good" };
                await assert.rejects(
                    call(client, "add_tasks_batch", {
                        tasks: [good, { ...good, priority: "huge" }],
                    }),
                    /tasks\.1\.priority/,
                );
                assert.deepEqual(await names(client, "task://queue"), []);
                const { tasks } = await call(client, "add_tasks_batch", { tasks: [good, good] });
                const [first, second] = tasks.map(({ id }) => ({ task_id: id }));
                await call(client, "start_task", first);
                await assert.rejects(
                    call(client, "complete_tasks_batch", {
                        tasks: [first, second, { task_id: "none" }, first],
                    }),
                    /tasks\[1\]: .* is pending; tasks\[2\]: there is no task 'none'; tasks\[3\]: .*named twice; none of 4 was completed/,
                );
                assert.deepEqual(await names(client, "task://current"), ["good"]);
                await call(client, "start_task", second);
                await call(client, "complete_tasks_batch", { tasks: [first, second] });
                assert.deepEqual(await names(client, "task://completed"), ["good", "good"]);
            });

            it("refuses a status that there is not", async () => {
                await assert.rejects(
                    client.readResource({ uri: "task://filter/done" }),
                    /status must be one of pending, in_progress, completed, failed, got 'done'/,
                );
            });

            it("tells subscribers of changed resources and of a changed list", async () => {
                const updated = new Set<string>();
                let lists = 0;
                client.setNotificationHandler("notifications/resources/updated", ({ params }) => {
                    updated.add(params.uri);
                });
                client.setNotificationHandler("notifications/resources/list_changed", () => {
                    lists += 1;
                });
                const uris = ["task://queue", "task://pending", "task://filter/pending"];
                if (mode === "legacy") {
                    for (const uri of uris) await client.subscribeResource({ uri });
                } else {
                    await client.listen({
                        resourceSubscriptions: uris,
                        resourcesListChanged: true,
                    });
                }
                await call(client, "add_task", { name: "one" });
                const limit = Date.now() + 5000;
                while ((updated.size < 3 || lists === 0) && Date.now() < limit) {
                    await new Promise((resolve) => setTimeout(resolve, 10));
                }
                assert.deepEqual([...updated].sort(), [...uris].sort());
                assert.equal(lists, 1);
            });
        });
    }
}

describe("task-orchestrator, two processes with one state file", () => {
    it("lose no change, and tell their clients of each other's", async () => {
        const { stateFile, remove } = makeStateDirectory();
        const all = [
            await openOrchestrator("stdio", "legacy", stateFile),
            await openOrchestrator("stdio", "auto", stateFile),
        ];
        const [first, second] = all.map(({ client }) => client) as [Client, Client];
        const told = new Promise((resolve) => {
            first.setNotificationHandler("notifications/resources/updated", resolve);
        });
        await first.subscribeResource({ uri: "task://queue" });
        await call(second, "add_task", { name: "other" });
        await told;
        const adds = Array.from({ length: 40 }, (_, index) =>
            call(index % 2 === 0 ? first : second, "add_task", { name: String(index) }),
        );
        const ids = (await Promise.all(adds)).map(({ task }) => task.id);
        assert.equal(new Set(ids).size, 40);
        assert.equal((await names(first, "task://queue")).length, 41);
        for (const { close } of all) await close();
        remove();
    });
});

describe("task-orchestrator, settings", () => {
    it("names every wrong one at once, a directory that is missing among them", async () => {
        const child = spawnOrchestrator({
            STATE_FILE: "/nonexistent/tasks.json",
            PORT: "x",
            MCP_PATH: "mcp",
            TRANSPORT: "sse",
            ON_DAMAGED_STATE: "ignore",
            IDLE_SECONDS: "0",
        });
        let text = "";
        child.stderr.on("data", (chunk) => (text += String(chunk)));
        const [code] = (await once(child, "close")) as [number];
        assert.equal(code, 2);
        assert.deepEqual(text.match(/^\w+(?=: must)/gm)?.sort(), [
            "IDLE_SECONDS",
            "MCP_PATH",
            "ON_DAMAGED_STATE",
            "PORT",
            "STATE_FILE",
            "TRANSPORT",
        ]);
        assert.match(text, /STATE_FILE: .*mount a volume there, got '\/nonexistent/);
    });
});

/**
 * The progress that arrives during a call. Not what `onprogress` is told: the client drops progress that it reads together
 * with the result.
 */
async function listProgress(client: Client, call: () => Promise<unknown>): Promise<string[]> {
    const told: string[] = [];
    const transport = client.transport!;
    const deliver = transport.onmessage!.bind(transport);
    transport.onmessage = (message, extra) => {
        if ("method" in message && message.method === "notifications/progress") {
            told.push(String(message.params?.["message"]));
        }
        deliver(message, extra);
    };
    try {
        await call();
        return told;
    } finally {
        transport.onmessage = deliver;
    }
}
