import type { Call, CallStrategy } from "../../calls/call.ts";
import { McpStrategy } from "../../calls/mcpStrategy.ts";
import type { Upstream } from "../../processes/childPool.ts";
import { isDeclared } from "../../stdio/clientRequests.ts";
import { clientInfo, envelope, modernVersions } from "../../stdio/handshake.ts";
import { writePlain } from "../translate/toLegacy.ts";
import {
    errorCodes,
    isObject,
    type JsonObject,
    type Outcome,
    type RpcRequest,
} from "../../json/jsonRpc.ts";
import type { Session } from "./session.ts";

/** Times one call may ask its client, which is the SDK's own limit. */
const roundLimit = 8;

const noSession = "its client has no session in which it could be asked";

/**
 * Calls of a client up to 2025-11-25 to a server from 2026-07-28 on: each request says what the session said in its
 * handshake, and what the server asks by `input_required` the client is asked by requests.
 */
export class ModernServerStrategy extends McpStrategy implements CallStrategy {
    private readonly session: Session | undefined;
    private readonly upstream: Upstream;
    private rounds = 0;

    constructor(session: Session | undefined, upstream: Upstream) {
        super(writePlain);
        this.session = session;
        this.upstream = upstream;
    }

    /** The parameters of a request as the server knows them. */
    buildParams({ params }: RpcRequest, added?: JsonObject): JsonObject {
        return { ...params, ...added, _meta: buildMeta(this.session, params) };
    }

    override intercept(call: Call, outcome: Outcome): boolean {
        if ("error" in outcome || outcome.result.resultType !== "input_required") {
            return false;
        }
        const { session } = this;
        if (session === undefined || ++this.rounds > roundLimit) {
            const tooOften = `it asks more than ${roundLimit} times`;
            call.answer(cannotAsk(session === undefined ? noSession : tooOften));
        } else {
            void this.ask(call, session, outcome.result);
        }
        return true;
    }

    private async ask(call: Call, session: Session, asked: JsonObject): Promise<void> {
        const { inputRequests, requestState } = asked;
        const answers = await askAll(call, session, inputRequests);
        if (call.over) {
            return;
        }
        if ("error" in answers) {
            call.answer(answers);
            return;
        }
        const state = requestState !== undefined && { requestState };
        const added = { inputResponses: answers.result, ...state };
        call.send(this.upstream, this.buildParams(call.request, added), this);
    }
}

async function askAll(
    { reply, context }: Call,
    session: Session,
    requests: unknown,
): Promise<Outcome> {
    const asked = Object.entries(isObject(requests) ? requests : {});
    const answers = await Promise.all(
        asked.map(async ([key, request]) => {
            const { method, params } = isObject(request) ? request : {};
            if (typeof method !== "string" || !isDeclared(method, session.terms.capabilities)) {
                return [
                    key,
                    cannotAsk(`'${String(method)}' is nothing that this client can be asked`),
                ] as const;
            }
            // Before 2026-07-28 a page to visit had an id, by which its end could be told.
            const page = isObject(params) && params.mode === "url" && { elicitationId: key };
            const given = isObject(params) ? { ...page, ...params } : undefined;
            const { answered } = session.ask(method, given, { limit: context.callLimit, reply });
            return [key, await answered] as const;
        }),
    );
    const failed = answers.find(([, outcome]) => "error" in outcome);
    if (failed !== undefined) {
        return failed[1];
    }
    const results = answers.map(([key, outcome]) => [key, "result" in outcome && outcome.result]);
    return { result: Object.fromEntries(results) as JsonObject };
}

function cannotAsk(reason: string): Outcome {
    const message = `the server asked for input that it cannot have: ${reason}`;
    return { error: { code: errorCodes.internalError, message } };
}

function buildMeta(session: Session | undefined, params: JsonObject | undefined): JsonObject {
    const meta = isObject(params?._meta) ? params._meta : {};
    const level = session?.listening?.logLevel;
    return {
        ...meta,
        [envelope.protocolVersion]: modernVersions[0],
        [envelope.clientCapabilities]: session?.terms.capabilities ?? {},
        [envelope.clientInfo]: session?.terms.clientInfo ?? clientInfo,
        ...(level !== undefined && { [envelope.logLevel]: level }),
    };
}
