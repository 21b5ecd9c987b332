import type { ProcessExit } from "./serverProcess.ts";

/** Says how a process ended, as the end of a sentence that begins with "the server". */
export function describeExit({ code, signal, startError }: ProcessExit): string {
    if (startError !== undefined) {
        return `could not be started: ${startError}`;
    }
    return signal === null ? `exited with code ${code ?? "?"}` : `was ended by ${signal}`;
}
