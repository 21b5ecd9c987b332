import type { ServerResponse } from "node:http";

/** Counts the answers that are being sent of something that anyone may read, so that they cost bounded memory. */
export class ReaderLimit {
    private readonly most: number;
    private readers = 0;

    /** @param most answers sent at once */
    constructor(most: number) {
        this.most = most;
    }

    /**
     * Counts an answer until it is sent or its reader is gone.
     *
     * @returns false when as many are being sent as may be
     */
    enter(response: ServerResponse): boolean {
        if (this.readers >= this.most) {
            return false;
        }
        this.readers++;
        response.once("close", () => this.readers--);
        return true;
    }
}
