import { priorities, type State, type Status, type Task } from "./task.ts";

/** Figures of the queue. */
export interface Stats extends Record<Status, number> {
    total: number;
    attempts: number;
    /** Completed tasks in percent of those that ended; null before the first one. */
    successPercent: number | null;
}

/** Tasks of one status in the order in which they are taken: by priority, then by age. */
export function listByStatus({ tasks }: State, status: Status): Task[] {
    return inOrder(tasks.filter((task) => task.status === status));
}

/** All tasks in the order in which they are taken. */
export function listQueue({ tasks }: State): Task[] {
    return inOrder(tasks);
}

/** The pending task that is to be taken first. */
export function findNext(state: State): Task | undefined {
    return listByStatus(state, "pending")[0];
}

export function countTasks(state: State): Stats {
    const count = (status: Status) => listByStatus(state, status).length;
    const [completed, failed] = [count("completed"), count("failed")];
    const ended = completed + failed;
    return {
        total: state.tasks.length,
        pending: count("pending"),
        in_progress: count("in_progress"),
        completed,
        failed,
        attempts: state.tasks.reduce((sum, task) => sum + task.attempts, 0),
        successPercent: ended === 0 ? null : Math.round((100 * completed) / ended),
    };
}

/** Tasks are kept in the order in which they were added; sorting is stable. */
function inOrder(tasks: Task[]): Task[] {
    const rank = ({ priority }: Task) => priorities.indexOf(priority);
    return [...tasks].sort((a, b) => rank(a) - rank(b));
}
