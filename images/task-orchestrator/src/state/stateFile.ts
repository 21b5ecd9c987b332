import { createHash } from "node:crypto";
import * as fs from "node:fs/promises";
import { dirname } from "node:path";
import * as z from "zod";

import { emptyState, stateSchema, type State } from "../tasks/task.ts";

/** A state file that cannot be read; nothing overwrites it. */
export class DamagedStateError extends Error {
    /** Copy that is kept aside. */
    readonly copy: string;

    constructor(file: string, copy: string, reason: string) {
        super(`${file}: must hold the tasks as JSON, but ${reason}; a copy is '${copy}'`);
        this.copy = copy;
    }
}

/** What the file needs of the file system; tests let each step fail. */
export type FileSystem = Pick<
    typeof fs,
    "open" | "rename" | "readFile" | "stat" | "copyFile" | "constants"
>;

/**
 * The state in a JSON file. A write replaces the file as a whole and is on disk before it is confirmed, so that a reader
 * finds the state before or after a change, whenever a process or the machine stops.
 */
export class StateFile {
    private known: { version: string; state: State } | undefined;

    readonly file: string;
    private readonly system: FileSystem;

    constructor(file: string, system: FileSystem = fs) {
        this.file = file;
        this.system = system;
    }

    /** Reads the state; empty when there is no file yet. Other processes may have changed it. */
    async read(): Promise<State> {
        const version = await this.findVersion();
        if (version === undefined) return emptyState;
        if (this.known?.version !== version) {
            this.known = { version, state: await this.parse(await this.readText()) };
        }
        return this.known.state;
    }

    /** Replaces the state. Only for the process that holds the lock. */
    async write(state: State): Promise<void> {
        const next = `${this.file}.next`;
        const handle = await this.system.open(next, "w", 0o600);
        try {
            await handle.writeFile(`${JSON.stringify(state, undefined, 2)}\n`);
            await handle.sync();
        } finally {
            await handle.close();
        }
        await this.system.rename(next, this.file);
        await this.syncDirectory();
        this.known = undefined;
    }

    /** Replaces a damaged file by an empty state; a copy of it is kept aside. */
    async startEmpty(): Promise<void> {
        await this.write(emptyState);
    }

    /** Tells one content of the file from another; undefined without file. */
    private async findVersion(): Promise<string | undefined> {
        try {
            const { ino, size, mtimeNs } = await this.system.stat(this.file, { bigint: true });
            return `${ino} ${size} ${mtimeNs}`;
        } catch (error) {
            if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
            throw error;
        }
    }

    private readText(): Promise<string> {
        return this.system.readFile(this.file, "utf8");
    }

    private async parse(text: string): Promise<State> {
        let reason: string;
        try {
            const { data, error } = stateSchema.safeParse(JSON.parse(text));
            if (data !== undefined) return data;
            reason = z.prettifyError(error).replaceAll(/\s*\n\s*/g, " ");
        } catch (error) {
            reason = (error as Error).message;
        }
        throw new DamagedStateError(this.file, await this.keepAside(text), reason);
    }

    /** Copies the file; its content names the copy, so that a restart does not make another one. */
    private async keepAside(text: string): Promise<string> {
        const digest = createHash("sha256").update(text).digest("hex").slice(0, 8);
        const copy = `${this.file}.damaged-${digest}`;
        const { COPYFILE_EXCL } = this.system.constants;
        await this.system.copyFile(this.file, copy, COPYFILE_EXCL).catch((error: unknown) => {
            if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
        });
        return copy;
    }

    /** Makes the new name of the file permanent. */
    private async syncDirectory(): Promise<void> {
        const directory = await this.system.open(dirname(this.file), "r");
        try {
            await directory.sync();
        } finally {
            await directory.close();
        }
    }
}
