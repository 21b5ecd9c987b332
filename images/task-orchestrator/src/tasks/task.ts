import * as z from "zod";

export const priorities = ["critical", "high", "medium", "low"] as const;
export const statuses = ["pending", "in_progress", "completed", "failed"] as const;

export type Priority = (typeof priorities)[number];
export type Status = (typeof statuses)[number];

/** One task, as resources show it and as the state file keeps it. */
export const taskSchema = z.strictObject({
    id: z.string().describe("Number of the task, counted from 1 and never used again"),
    name: z.string(),
    description: z.string(),
    priority: z.enum(priorities),
    status: z.enum(statuses),
    attempts: z.int().nonnegative().describe("How often it was started"),
    maxAttempts: z.int().positive().describe("How often it may be started"),
    failures: z.int().nonnegative().describe("Attempts of `run_orchestrator` that fail"),
    createdAt: z.iso.datetime(),
    startedAt: z.iso.datetime().optional(),
    endedAt: z.iso.datetime().optional(),
    result: z.string().optional(),
    error: z.string().optional(),
});

export type Task = z.infer<typeof taskSchema>;

/** Everything that survives a restart. */
export const stateSchema = z
    .strictObject({
        version: z.literal(1),
        /** Counts the changes, so that a process notices those of others. */
        revision: z.int().nonnegative(),
        /** Id of the next task. */
        nextId: z.int().positive(),
        tasks: z.array(taskSchema),
    })
    .refine(({ tasks }) => new Set(tasks.map(({ id }) => id)).size === tasks.length, {
        error: "must not have two tasks with one id",
        path: ["tasks"],
    });

export type State = z.infer<typeof stateSchema>;

export const emptyState: State = { version: 1, revision: 0, nextId: 1, tasks: [] };

/** What a caller says about a new task. */
export const newTaskSchema = z.strictObject({
    name: z.string().trim().min(1).max(200).describe("What is to be done"),
    description: z.string().max(10_000).default("").describe("Details"),
    priority: z.enum(priorities).default("medium").describe("Order in which tasks are taken"),
    max_attempts: z.int().min(1).max(100).default(3).describe("How often it may be started"),
    failures: z
        .int()
        .min(0)
        .max(100)
        .default(0)
        .describe("First attempts that fail in `run_orchestrator`, to try out retries"),
});

export type NewTask = z.infer<typeof newTaskSchema>;
