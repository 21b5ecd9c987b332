import type { CallRecord } from "../callRecord.ts";
import type { ServerDescription } from "../child/handshake.ts";
import { statusOf, writeTranslated } from "../era/modern.ts";
import { describeOutcome, type Forwarder } from "../forwarder.ts";
import { finish, type Exchange } from "../http/exchange.ts";
import { errorCodes, type Outcome, type RpcError, type RpcRequest } from "../jsonRpc.ts";
import type { Line } from "../text.ts";

/** One HTTP request of a call: the first, or one that brings the client's answers. */
export interface Round {
    exchange: Exchange;
    request: RpcRequest;
    record: CallRecord;
}

/**
 * Ends a round with what a server up to 2025-11-25 answered to the call.
 *
 * @param line the server's own text of the answer, in which it names the call `childId`; undefined when it is not the server's
 * @param refused why the server could not ask its client something, for which it may have failed
 */
export function answerRound(
    { exchange, request, record }: Round,
    forwarder: Forwarder,
    server: ServerDescription,
    outcome: Outcome,
    line: Line | undefined,
    childId: number,
    refused: RpcError | undefined,
): void {
    const { id, method } = request;
    const failed = "error" in outcome || outcome.result.isError === true;
    if (refused?.code === errorCodes.missingCapability && failed) {
        const error = { error: refused };
        finish(exchange, id, error, statusOf(error));
    } else {
        const { text, status } = writeTranslated(id, outcome, server, line, childId, method);
        exchange.finish(text, status);
    }
    const code = "error" in outcome ? outcome.error.code : undefined;
    forwarder.end(record, describeOutcome(outcome), code);
}
