import { isDeclared, refuseUndeclared } from "../../stdio/clientRequests.ts";
import type { Connection } from "../../stdio/connection.ts";
import type { JsonObject, RequestId, RpcError } from "../../json/jsonRpc.ts";
import {
    buildInputRequired,
    findAnswerProblem,
    isAnswer,
    type InputRequest,
} from "./inputRequests.ts";

/** Time of quiet after which a server is taken to have asked all it wants, in milliseconds: it may be slow, a person is slower. */
const gatherTime = 25;

export interface PendingInputRequestsArgs {
    /** Process that asks. */
    connection: Connection;
    /** What the client can be asked. */
    capabilities: JsonObject;
    /** Answers the client brought without having been asked here. */
    brought: JsonObject;
    /** Called when there are questions, and the server has asked all it wants for now. */
    onGathered: () => void;
}

/** What a server asks its client during a call, from the asking until it has the answer. */
export class PendingInputRequests {
    /** Why the server was told that it cannot ask something, the first time that it was. */
    refused: RpcError | undefined;
    private readonly args: PendingInputRequestsArgs;
    private readonly open = new Map<string, InputRequest>();
    private gathering: NodeJS.Timeout | undefined;

    constructor(args: PendingInputRequestsArgs) {
        this.args = args;
    }

    /** Requests without an answer. */
    get size(): number {
        return this.open.size;
    }

    /** Takes what the server asks. */
    add(childId: RequestId, method: string, params: JsonObject | undefined): void {
        const { connection, capabilities, brought } = this.args;
        const request: InputRequest = { childId, method, params };
        const key = String(childId);
        if (!isDeclared(method, capabilities)) {
            const error = refuseUndeclared(method);
            this.refused ??= error;
            connection.answer(childId, { error });
        } else if (isAnswer(request, brought[key])) {
            this.give(request, brought[key]);
        } else {
            this.open.set(key, request);
            this.gather();
        }
    }

    /** Takes the pages that the client is to visit before the server is called again. */
    addPages(pages: readonly InputRequest[]): void {
        pages.forEach((page, index) => this.open.set(`page-${index + 1}`, page));
        this.gather();
    }

    /** Forgets what the server does not want to know any more. */
    remove(childId: unknown): void {
        this.open.delete(String(childId));
    }

    /**
     * Gives the client's answers to the server.
     *
     * @returns why they cannot be taken; then nothing has changed
     */
    answer(answers: JsonObject): string | undefined {
        const problem = findAnswerProblem(this.open, answers);
        if (problem !== undefined) {
            return problem;
        }
        for (const [key, request] of [...this.open]) {
            if (isAnswer(request, answers[key])) {
                this.open.delete(key);
                this.give(request, answers[key]);
            }
        }
        return undefined;
    }

    /** Waits until the server has asked all it wants. */
    gather(): void {
        clearTimeout(this.gathering);
        this.gathering = setTimeout(() => {
            this.gathering = undefined;
            if (this.size > 0) {
                this.args.onGathered();
            }
        }, gatherTime);
    }

    /** Waits no more. */
    stop(): void {
        clearTimeout(this.gathering);
    }

    /** The `input_required` result that asks all there is. */
    build(requestState: string, meta: JsonObject): JsonObject {
        return buildInputRequired(this.open, requestState, meta);
    }

    private give({ childId }: InputRequest, result: JsonObject): void {
        if (childId !== undefined) {
            this.args.connection.answer(childId, { result });
        }
    }
}
