import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

let collect: (() => void) | undefined;

/** Bytes that this process holds on to, after everything that nobody needs was collected. */
export function measureMemory(): number {
    if (collect === undefined) {
        setFlagsFromString("--expose-gc");
        collect = runInNewContext("gc") as () => void;
    }
    collect();
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
}
