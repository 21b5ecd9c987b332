import type { Bagged } from "../bag.ts";
import type { Lease } from "../child/childPool.ts";
import type { CallOwner, ForwardedCall } from "../forwarder.ts";
import { finish } from "../http/exchange.ts";
import type { Reply } from "../http/reply.ts";
import { errorCodes, type RequestId } from "../jsonRpc.ts";
import type { Session } from "./session.ts";

/** A call of a client up to 2025-11-25, from its coming to its end. */
export class SessionCall implements CallOwner, ForwardedCall, Bagged {
    slot = -1;
    /** The client's own id. */
    readonly id: RequestId;
    readonly reply: Reply;
    private readonly session: Session | undefined;
    /** Process that serves this call alone. */
    private readonly lease: Lease | undefined;
    private forwarded: ForwardedCall | undefined;

    constructor(id: RequestId, reply: Reply, session?: Session, lease?: Lease) {
        this.id = id;
        this.reply = reply;
        this.session = session;
        this.lease = lease;
    }

    /** Notes that the call was sent; from now on its client can cancel it. */
    sent(forwarded: ForwardedCall | undefined): void {
        this.forwarded = forwarded;
        if (forwarded !== undefined && !this.reply.over) {
            this.session?.addCall(this);
        }
    }

    callOver(): void {
        this.session?.removeCall(this);
        this.lease?.release();
    }

    cancel(reason: string): void {
        this.forwarded?.cancel(reason);
        // The client has forgotten the call; this only ends its stream.
        const error = { code: errorCodes.internalError, message: reason };
        finish(this.reply, this.id, { error });
    }
}
