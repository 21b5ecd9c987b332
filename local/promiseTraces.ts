type Prepare = (error: Error, frames: NodeJS.CallSite[]) => unknown;

/** The functions that were set here. */
const prepared = new WeakSet<Prepare>();

/**
 * Discards the stack traces that Pulumi's SDK captures for its promises, 400 per server, and prints only when
 * `PULUMI_DEBUG_PROMISE_LEAKS` is set. They are a fifth of the memory of a program with many servers. Stack traces of
 * errors are not affected.
 */
export function dropPromiseTraces(environment: NodeJS.ProcessEnv = process.env): void {
    if ((environment["PULUMI_DEBUG_PROMISE_LEAKS"] ?? "") !== "") return;
    const inherited = Reflect.get(Error, "prepareStackTrace") as Prepare | undefined;
    if (inherited !== undefined && prepared.has(inherited)) return;
    const prepare: Prepare = (error, frames) =>
        frames[0]?.getFunctionName() === "debuggablePromise"
            ? ""
            : (inherited ?? describe)(error, frames);
    prepared.add(prepare);
    Error.prepareStackTrace = prepare;
}

/** Formats a trace as V8 does; the SDK parses it to find where a resource was created. */
function describe(error: Error, frames: NodeJS.CallSite[]): string {
    return [String(error), ...frames.map(String)].join("\n    at ");
}
