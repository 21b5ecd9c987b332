import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ServerResponse } from "node:http";
import { tagBody, type TaggedBody } from "./taggedBody.ts";

/** A file in memory, for as long as anybody is sent it. */
interface OpenFile {
    content: Promise<TaggedBody>;
    readers: number;
}

/**
 * The files of a directory, each in memory once however many read it, and not at all while nobody does: they are seldom
 * read, and megabytes that wait for that are not idle memory well spent.
 */
export class SharedFiles {
    private readonly directory: string;
    private readonly open = new Map<string, OpenFile>();

    constructor(directory: string) {
        this.directory = directory;
    }

    /**
     * Gives a file to whoever is sent it by `response`, until that is closed.
     *
     * @returns rejects when there is no such file
     */
    read(name: string, response: ServerResponse): Promise<TaggedBody> {
        let file = this.open.get(name);
        if (file === undefined) {
            const content = readFile(join(this.directory, name)).then(tagBody);
            file = { content, readers: 0 };
            this.open.set(name, file);
        }
        const { content } = file;
        file.readers++;
        response.once("close", () => this.leave(name, file));
        return content;
    }

    private leave(name: string, file: OpenFile): void {
        file.readers--;
        if (file.readers === 0) {
            this.open.delete(name);
        }
    }
}
