import type { Lease } from "../../processes/childPool.ts";
import { rejectServerRequests } from "../../processes/sharedChild.ts";
import type { Parked } from "./parkedCalls.ts";

/** The process that a server's question came from, which may be the only one that knows what to do with the answer. */
export class ParkedLease implements Parked {
    readonly lease: Lease;

    /** @param onExit called when the process is gone, so that nothing is left to wait */
    constructor(lease: Lease, onExit: () => void) {
        this.lease = lease;
        lease.connection.handlers = rejectServerRequests(lease.connection, onExit);
    }

    cancel(): void {
        this.lease.release();
    }
}
