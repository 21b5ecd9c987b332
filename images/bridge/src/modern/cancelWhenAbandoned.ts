import type { ForwardedCall } from "../forwarder.ts";
import type { Exchange } from "../http/exchange.ts";

/** Cancels a call when its client closes the stream, which is how calls of 2026-07-28 are cancelled. */
export function cancelWhenAbandoned(exchange: Exchange, call: ForwardedCall | undefined): void {
    if (call === undefined) {
        return;
    }
    if (exchange.response.destroyed) {
        call.cancel("the client closed the stream");
    } else {
        exchange.call = call;
    }
}
