import { finish } from "../http/exchange.ts";
import type { JsonObject, Outcome } from "../json/jsonRpc.ts";
import type { ResultRefusal } from "../policy/toolAnswers.ts";
import type { Line, Text } from "../json/text.ts";
import type { Call, CallStrategy } from "./call.ts";

/** An answer as the client's era has it. */
export interface WrittenAnswer {
    text: Text;
    status: number;
}

/**
 * Writes the server's answer as the client's era has it.
 *
 * @param line the server's own line, in which it names the call `childId`; undefined when `outcome` is not what the server
 * said
 */
export type WriteAnswer = (
    call: Pick<Call, "request" | "description">,
    outcome: Outcome,
    line: Line | undefined,
    childId: number,
) => WrittenAnswer;

/** Answers an MCP client with each answer of the server as `writeAnswer` writes it. */
export class McpStrategy implements CallStrategy {
    private readonly writeAnswer: WriteAnswer;

    constructor(writeAnswer: WriteAnswer) {
        this.writeAnswer = writeAnswer;
    }

    relay({ reply }: Call, params: JsonObject): void {
        reply.notify({ jsonrpc: "2.0", method: "notifications/progress", params });
    }

    intercept(call: Call, outcome: Outcome): boolean {
        void call;
        void outcome;
        return false;
    }

    write(call: Call, outcome: Outcome, line: Line | undefined, childId: number): void {
        const { text, status } = this.writeAnswer(call, outcome, line, childId);
        call.reply.finish(text, status);
    }

    refuse({ reply, request, record }: Call, refusal: ResultRefusal): void {
        const { status, error, headers, result } = refusal;
        if (headers !== undefined) {
            reply.addHeaders(headers);
        }
        const modern = record.era === "modern" && { resultType: "complete" };
        const outcome = result === undefined ? { error } : { result: { ...result, ...modern } };
        finish(reply, request.id, outcome, status);
    }
}
