/** A program that is measured. */
export interface Bridge {
    /** As in results and after `--only`. */
    name: string;
    version: string;
    /** Path of its endpoint. */
    path: string;
    /** What it puts before the names of the server's tools. */
    toolPrefix: string;
    /** Whether a client of 2026-07-28 can call the bench's server, which speaks 2025-11-25, through it. */
    modern: boolean;
    /** Whether it serves tools as REST at `/call`. */
    rest?: boolean;
    /**
     * Cells it is measured in.
     *
     * @default every one
     */
    cells?: string[];
    /**
     * Whether its life is measured too: memory, start, stop, sessions.
     *
     * @default true
     */
    whole?: boolean;
    /** Flags by which an unused session is ended after two seconds: a set for each isolation there is. */
    shortSessions?: string[][];
    /** Flags by which every session has a process of its own. */
    ownProcesses?: string[];
    /** Bearer token its clients bring. */
    token?: string;
    /** The command that serves the echo server at a port; `more` are further flags. */
    command(port: number, more: string[]): string[];
}
