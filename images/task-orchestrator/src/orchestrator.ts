import { EventEmitter } from "node:events";
import { type FSWatcher, watch } from "node:fs";
import { basename, dirname } from "node:path";

import type { StateFile } from "./state/stateFile.ts";
import type { WriterLock } from "./state/writerLock.ts";
import { statuses, type State, type Status, type Task } from "./tasks/task.ts";
import { completeTask, failTask, retryTask, startTask, type Change } from "./tasks/transitions.ts";
import { findNext, listByStatus } from "./tasks/views.ts";

/** What a change of the state is to readers. */
export interface Changed {
    /** Statuses whose tasks are others than before. */
    statuses: Status[];
    /** Whether a status has got its first task, or lost its last. */
    listChanged: boolean;
}

/** Outcome of one attempt of `run`. */
export interface Attempt {
    task: Task;
    done: boolean;
}

/** The tasks, of which every change is on disk before its caller hears of it. */
export class Orchestrator extends EventEmitter<{ changed: [Changed] }> {
    private seen: State | undefined;
    private watcher: FSWatcher | undefined;

    private readonly stateFile: StateFile;
    private readonly lock: WriterLock;

    constructor(stateFile: StateFile, lock: WriterLock) {
        super();
        this.stateFile = stateFile;
        this.lock = lock;
        this.setMaxListeners(0);
    }

    /** Reads the state for the first time, and follows the changes of other processes from then on. */
    async open(): Promise<void> {
        this.seen = await this.stateFile.read();
        const { file } = this.stateFile;
        this.watcher = watch(dirname(file), { persistent: false }, (_, name) => {
            // A damaged file is reported to the caller of a tool.
            if (name === basename(file)) void this.read().catch(() => undefined);
        });
        this.watcher.on("error", () => this.watcher?.close());
    }

    async read(): Promise<State> {
        const state = await this.stateFile.read();
        this.announce(state);
        return state;
    }

    /** Applies a change to the latest state. What throws changes nothing. */
    change<Result>(apply: (state: State, now: string) => Change<Result>): Promise<Result> {
        return this.lock.run(async () => {
            const before = await this.stateFile.read();
            const { state, result } = apply(before, new Date().toISOString());
            if (state === before) return result;
            const after = { ...state, revision: before.revision + 1 };
            await this.stateFile.write(after);
            this.announce(after);
            return result;
        });
    }

    /**
     * Takes up to `maxTasks` tasks by priority, and runs each until it is completed or has no attempts left.
     *
     * @param onAttempt called after each attempt
     */
    async run(
        maxTasks: number,
        signal: AbortSignal,
        onAttempt: (attempt: Attempt) => Promise<void>,
    ): Promise<Task[]> {
        const ended: Task[] = [];
        while (ended.length < maxTasks && !signal.aborted) {
            const task = await this.change((state, now) => runNext(state, now));
            if (task === undefined) break;
            if (task.status !== "pending") ended.push(task);
            await onAttempt({ task, done: task.status !== "pending" });
        }
        return ended;
    }

    close(): void {
        this.watcher?.close();
        this.lock.close();
    }

    /** Tells readers of a state that is newer than the last one. */
    private announce(state: State): void {
        const before = this.seen;
        if (before === undefined || state.revision <= before.revision) return;
        this.seen = state;
        const pairs = statuses.map((status) => ({
            status,
            old: listByStatus(before, status),
            now: listByStatus(state, status),
        }));
        const changed = pairs.filter(({ old, now }) => JSON.stringify(old) !== JSON.stringify(now));
        if (changed.length === 0) return;
        this.emit("changed", {
            statuses: changed.map(({ status }) => status),
            listChanged: changed.some(({ old, now }) => (old.length === 0) !== (now.length === 0)),
        });
    }
}

/** One attempt of the next task, whose first `failures` attempts fail. Undefined when no task is pending. */
function runNext(state: State, now: string): Change<Task | undefined> {
    const next = findNext(state);
    if (next === undefined) return { state, result: undefined };
    const started = startTask(state, next.id, now);
    const { attempts, failures, maxAttempts } = started.result;
    if (attempts > failures) return completeTask(started.state, next.id, now, "done");
    const failed = failTask(started.state, next.id, now, `attempt ${attempts} failed`);
    return attempts < maxAttempts ? retryTask(failed.state, next.id) : failed;
}
