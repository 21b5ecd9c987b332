type Prepare = (error: Error, frames: NodeJS.CallSite[]) => unknown;

/** Those that were set here. */
const prepared = new WeakSet<Prepare>();

/**
 * Keeps no stack trace of the promises of Pulumi's SDK: it writes one for each, 400 a server, only to print them when
 * `PULUMI_DEBUG_PROMISE_LEAKS` is set. They are a fifth of the memory of a program with many servers. Traces of all
 * other errors stay as they are.
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

/** A trace as V8 writes it, and as the SDK reads it to find where a resource was made. */
function describe(error: Error, frames: NodeJS.CallSite[]): string {
    return [String(error), ...frames.map(String)].join("\n    at ");
}
