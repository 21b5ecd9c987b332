/** A bare machine: a Debian root that has git, Node and npm, a network that leads to the registries, and no caches. */
export interface ColdMachine {
    /** Runs a program in the home of its root user to its end, and gives its output; fails when the program does. */
    run(command: string, ...args: string[]): Promise<string>;
    /** Ends everything on it and removes it. */
    remove(): Promise<void>;
}

/** Boots one; the checkout's commits can be cloned from `/mnt/slipway.git` there. */
export async function bootColdMachine(): Promise<ColdMachine> {
    const module = "../../test/local/bareMachine.ts";
    const { BareMachine } = (await import(module)) as {
        BareMachine: { boot(options: { caches: "empty" }): Promise<ColdMachine> };
    };
    return BareMachine.boot({ caches: "empty" });
}
