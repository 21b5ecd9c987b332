import type { CallFailure } from "../mcpConnection.ts";

/** How long after a crash of the server a call may fail for it: until it runs again, and its callers were told. */
const crashMs = 5000;
/** JSON-RPC's internal error, which is what a call gets whose server died. */
const internalError = -32603;

/** What came of all the calls of a soak. */
export class Tally {
    /** Calls with the right answer. */
    right = 0;
    /** Calls that failed because their server had been crashed, as they must. */
    crashed = 0;
    /** Requests refused with 503, to be repeated. */
    refused = 0;
    sessions = 0;
    leasedSessions = 0;
    cancelled = 0;
    disconnected = 0;
    crashes = 0;
    leasedCrashes = 0;
    /** Answers that must not be, in words; the first hundred. */
    readonly wrong: string[] = [];
    #lastCrash = -Infinity;

    /** Notes that the shared server is about to die. */
    noteCrash(): void {
        this.crashes += 1;
        this.#lastCrash = performance.now();
    }

    /** Judges a failure. */
    noteFailure(scenario: string, failure: CallFailure): void {
        const afterCrash = performance.now() - this.#lastCrash < crashMs;
        if (failure.status === 503) this.refused += 1;
        else if (afterCrash && failure.rpcCode === internalError) this.crashed += 1;
        else this.noteWrong(`${scenario}: ${failure.message}`);
    }

    noteWrong(text: string): void {
        if (this.wrong.length < 100) this.wrong.push(text);
    }
}
