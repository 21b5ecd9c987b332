import type { NewTask, State, Status, Task } from "./task.ts";

/** A change that the tasks do not allow; the message is for the caller of a tool. */
export class TaskError extends Error {}

/** A new state, and what the caller is told. */
export interface Change<Result> {
    state: State;
    result: Result;
}

/** Limit on the number of tasks, which all fit into one resource. */
export const maxTasks = 10_000;

/** Adds tasks, all or none. */
export function addTasks(state: State, wanted: NewTask[], now: string): Change<Task[]> {
    if (state.tasks.length + wanted.length > maxTasks) {
        const reason = `must not be more than ${maxTasks}, got ${state.tasks.length} and ${wanted.length} more`;
        throw new TaskError(`tasks: ${reason}; none was added`);
    }
    const added = wanted.map(({ max_attempts: maxAttempts, ...task }, index): Task => ({
        id: String(state.nextId + index),
        ...task,
        maxAttempts,
        status: "pending",
        attempts: 0,
        createdAt: now,
    }));
    const nextId = state.nextId + added.length;
    return { state: { ...state, nextId, tasks: [...state.tasks, ...added] }, result: added };
}

/** Starts an attempt of a pending task. */
export function startTask(state: State, id: string, now: string): Change<Task> {
    const task = expectStatus(findTask(state, id), ["pending"]);
    return replaceTask(state, {
        ...withoutEnd(task),
        status: "in_progress",
        attempts: task.attempts + 1,
        startedAt: now,
    });
}

/** Ends the attempt of a task with success. */
export function completeTask(state: State, id: string, now: string, result?: string): Change<Task> {
    const task = expectStatus(findTask(state, id), ["in_progress"]);
    return replaceTask(state, { ...task, status: "completed", endedAt: now, result });
}

/** Ends the attempts of several tasks with success, all or none; names every task that cannot be completed. */
export function completeTasks(
    state: State,
    wanted: { task_id: string; result?: string | undefined }[],
    now: string,
): Change<Task[]> {
    const problems: string[] = [];
    const seen = new Set<string>();
    const changes = wanted.reduce<Change<Task[]>>(
        (so, { task_id, result }, index) => {
            try {
                if (seen.has(task_id)) throw new TaskError(`task '${task_id}' is named twice`);
                seen.add(task_id);
                const { state: next, result: task } = completeTask(so.state, task_id, now, result);
                return { state: next, result: [...so.result, task] };
            } catch (error) {
                if (!(error instanceof TaskError)) throw error;
                problems.push(`tasks[${index}]: ${error.message}`);
                return so;
            }
        },
        { state, result: [] },
    );
    if (problems.length > 0) {
        throw new TaskError([...problems, `none of ${wanted.length} was completed`].join("; "));
    }
    return changes;
}

/** Ends the attempt of a task with a failure. */
export function failTask(state: State, id: string, now: string, error: string): Change<Task> {
    const task = expectStatus(findTask(state, id), ["in_progress"]);
    return replaceTask(state, { ...task, status: "failed", endedAt: now, error });
}

/** Makes a failed task pending again, unless it has no attempts left. */
export function retryTask(state: State, id: string): Change<Task> {
    const task = expectStatus(findTask(state, id), ["failed"]);
    if (task.attempts >= task.maxAttempts) {
        throw new TaskError(
            `task '${id}' has no attempts left: ${task.attempts} of ${task.maxAttempts} failed`,
        );
    }
    return replaceTask(state, { ...withoutEnd(task), status: "pending" });
}

/** Removes the completed tasks. */
export function clearCompleted(state: State): Change<Task[]> {
    return {
        state: { ...state, tasks: state.tasks.filter(({ status }) => status !== "completed") },
        result: state.tasks.filter(({ status }) => status === "completed"),
    };
}

/** Makes every task pending again, with all its attempts. */
export function resetTasks(state: State): Change<Task[]> {
    const tasks = state.tasks.map((task): Task => ({
        ...withoutEnd(task),
        status: "pending",
        attempts: 0,
    }));
    return { state: { ...state, tasks }, result: tasks };
}

function findTask({ tasks }: State, id: string): Task {
    const task = tasks.find((one) => one.id === id);
    if (task === undefined) throw new TaskError(`there is no task '${id}'`);
    return task;
}

function expectStatus(task: Task, allowed: Status[]): Task {
    if (allowed.includes(task.status)) return task;
    throw new TaskError(
        `task '${task.id}' must be ${allowed.join(" or ")} for this, but is ${task.status}`,
    );
}

/** A task without the outcome of its last attempt. */
function withoutEnd(task: Task): Task {
    return {
        ...task,
        startedAt: undefined,
        endedAt: undefined,
        result: undefined,
        error: undefined,
    };
}

function replaceTask(state: State, task: Task): Change<Task> {
    const tasks = state.tasks.map((one) => (one.id === task.id ? task : one));
    return { state: { ...state, tasks }, result: task };
}
