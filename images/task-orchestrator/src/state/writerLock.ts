import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";

/** SQLite's code for a lock that another connection holds. */
const busy = 5;
const retryMs = 5;

/**
 * Admits one writer at a time, among the calls of this process and among processes. The lock is that of an empty SQLite
 * database: the kernel frees it when a process ends, however it ends.
 */
export class WriterLock {
    private readonly database: DatabaseSync;
    private last: Promise<unknown> = Promise.resolve();

    /** @param file of the lock, which stays empty */
    constructor(file: string) {
        this.database = new DatabaseSync(file);
        this.database.exec("PRAGMA journal_mode = MEMORY; PRAGMA busy_timeout = 0");
    }

    /** Runs `work` while nobody else writes, in the order of the calls. */
    run<Result>(work: () => Promise<Result>): Promise<Result> {
        const turn = this.last.then(() => this.runLocked(work));
        this.last = turn.catch(() => undefined);
        return turn;
    }

    close(): void {
        this.database.close();
    }

    private async runLocked<Result>(work: () => Promise<Result>): Promise<Result> {
        while (!this.tryLock()) await sleep(retryMs);
        try {
            return await work();
        } finally {
            this.database.exec("ROLLBACK");
        }
    }

    private tryLock(): boolean {
        try {
            this.database.exec("BEGIN EXCLUSIVE");
            return true;
        } catch (error) {
            if ((error as { errcode?: number }).errcode === busy) return false;
            throw error;
        }
    }
}
