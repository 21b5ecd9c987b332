import type { CallToolResult, McpServer, ServerContext } from "@modelcontextprotocol/server";
import * as z from "zod";

import type { Orchestrator } from "../orchestrator.ts";
import { newTaskSchema, taskSchema } from "../tasks/task.ts";
import * as transitions from "../tasks/transitions.ts";
import { findNext } from "../tasks/views.ts";
import type { CallCounter } from "./callCounter.ts";

const taskId = z.string().min(1).describe("Id of the task");
const one = z.object({ task: taskSchema });
const many = z.object({ tasks: z.array(taskSchema) });
const batchSize = 1000;

/** Registers the tools. Each answers with what it changed. */
export function registerTools(
    server: McpServer,
    orchestrator: Orchestrator,
    calls: CallCounter,
): void {
    const define = defineTools(server, calls);
    const change: Orchestrator["change"] = (apply) => orchestrator.change(apply);

    define("add_task", "Adds a task", newTaskSchema, one, async (task) => {
        const [added] = await change((state, now) => transitions.addTasks(state, [task], now));
        return { task: added };
    });
    define("add_tasks_batch", "Adds several tasks, all or none", newBatch, many, async (batch) => ({
        tasks: await change((state, now) => transitions.addTasks(state, batch.tasks, now)),
    }));
    define("start_task", "Starts an attempt of a pending task", byId, one, async ({ task_id }) => ({
        task: await change((state, now) => transitions.startTask(state, task_id, now)),
    }));
    define("complete_task", "Completes a task in progress", completion, one, async (done) => ({
        task: await change((state, now) =>
            transitions.completeTask(state, done.task_id, now, done.result),
        ),
    }));
    define(
        "complete_tasks_batch",
        "Completes several tasks in progress, all or none",
        completions,
        many,
        async ({ tasks }) => ({
            tasks: await change((state, now) => transitions.completeTasks(state, tasks, now)),
        }),
    );
    define("fail_task", "Ends a task in progress with a failure", failure, one, async (failed) => ({
        task: await change((state, now) =>
            transitions.failTask(state, failed.task_id, now, failed.error),
        ),
    }));
    define(
        "retry_task",
        "Makes a failed task pending again, as long as it has attempts left",
        byId,
        one,
        async ({ task_id }) => ({
            task: await change((state) => transitions.retryTask(state, task_id)),
        }),
    );
    define(
        "get_next_task",
        "Tells which pending task is to be taken first; null when there is none",
        z.strictObject({}),
        z.object({ task: taskSchema.nullable() }),
        async () => ({ task: findNext(await orchestrator.read()) ?? null }),
        { readOnlyHint: true },
    );
    define(
        "clear_completed",
        "Removes the completed tasks",
        z.strictObject({}),
        many,
        async () => ({
            tasks: await change(transitions.clearCompleted),
        }),
    );
    define(
        "reset_all_tasks",
        "Makes every task pending again, with all its attempts",
        z.strictObject({}),
        many,
        async () => ({ tasks: await change(transitions.resetTasks) }),
        { destructiveHint: true },
    );
    define(
        "run_orchestrator",
        "Takes tasks by priority and runs each until it is completed or has no attempts left",
        z.strictObject({
            max_tasks: z.int().min(1).max(10_000).default(5).describe("Tasks to run at most"),
        }),
        many,
        ({ max_tasks }, context) => runTasks(orchestrator, max_tasks, context),
    );
}

const byId = z.strictObject({ task_id: taskId });
const completion = z.strictObject({
    task_id: taskId,
    result: z.string().max(10_000).optional().describe("Outcome of the task"),
});
const completions = z.strictObject({ tasks: z.array(completion).min(1).max(batchSize) });
const failure = z.strictObject({
    task_id: taskId,
    error: z.string().max(10_000).default("failed").describe("Reason of the failure"),
});
const newBatch = z.strictObject({ tasks: z.array(newTaskSchema).min(1).max(batchSize) });

/** Runs tasks, and tells the caller each attempt as progress if it asks for that. */
async function runTasks(orchestrator: Orchestrator, maxTasks: number, context: ServerContext) {
    const { _meta: meta, signal, notify } = context.mcpReq;
    const progressToken = meta?.progressToken;
    let progress = 0;
    const tasks = await orchestrator.run(maxTasks, signal, async ({ task, done }) => {
        if (progressToken === undefined) return;
        progress += 1;
        const message = done
            ? `task ${task.id}: ${task.status}`
            : `task ${task.id}: attempt ${task.attempts} of ${task.maxAttempts} failed`;
        await notify({
            method: "notifications/progress",
            params: { progressToken, progress, message },
        });
    });
    return { tasks };
}

/** Gives the function that registers one tool: counted, logged, and with refusals as results. */
function defineTools(server: McpServer, calls: CallCounter) {
    return <Input extends z.ZodType>(
        name: string,
        description: string,
        inputSchema: Input,
        outputSchema: z.ZodType,
        run: (input: z.infer<Input>, context: ServerContext) => Promise<Record<string, unknown>>,
        annotations: { readOnlyHint?: boolean; destructiveHint?: boolean } = {
            destructiveHint: false,
        },
    ): void => {
        const config = { description, inputSchema, outputSchema, annotations };
        server.registerTool(name, config, (async (input: z.infer<Input>, context: ServerContext) =>
            calls.count(name, async () => {
                const result = await run(input, context);
                const content = [{ type: "text", text: JSON.stringify(result) }];
                return { content, structuredContent: result } as CallToolResult;
            })) as never);
    };
}
