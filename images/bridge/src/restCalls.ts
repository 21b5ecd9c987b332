import type { IncomingHttpHeaders } from "node:http";
import type { CallRecord } from "./callRecord.ts";
import { isLease, type Lease } from "./child/childPool.ts";
import { ownEnvelope, sharedInitializeParams } from "./child/handshake.ts";
import { describeOutcome, findBacklog, type Forwarder, type Upstream } from "./forwarder.ts";
import { errorCodes, isObject, type JsonObject, type Outcome, type RpcRequest } from "./jsonRpc.ts";
import type { Isolation } from "./options/bridgeOptions.ts";
import type { ResultRefusal } from "./policy/toolAnswers.ts";
import { principalKey, type Principal } from "./principal.ts";
import { isRefusal, type Refusal } from "./refusal.ts";
import type { CallResult } from "./rest/callAnswer.ts";
import type { Upstreams } from "./upstreams.ts";

/** Who calls a tool by REST. */
export interface RestCaller {
    principal: Principal;
    headers: IncomingHttpHeaders;
    startedAt: number;
}

export interface RestCallsArgs {
    isolation: Isolation;
    forwarder: Forwarder;
    upstreams: Upstreams;
    /** The rules about tools and their arguments. */
    admit: (
        principal: Principal,
        request: RpcRequest,
    ) => ResultRefusal | undefined | Promise<ResultRefusal | undefined>;
}

/** Makes what calls a tool for a REST request. Nobody can be asked anything here, so no process needs to be told of anybody. */
export function createRestCalls({ isolation, forwarder, upstreams, admit }: RestCallsArgs) {
    return async (
        { principal, headers, startedAt }: RestCaller,
        name: string,
        args: JsonObject,
        signal: AbortSignal,
    ): Promise<CallResult> => {
        const request: RpcRequest = {
            id: 0,
            method: "tools/call",
            params: { name, arguments: args },
        };
        const record: CallRecord = {
            method: request.method,
            name,
            era: "rest",
            principal,
            requestId: readText(headers["x-request-id"]),
            traceparent: readText(headers.traceparent),
            startedAt,
        };
        const refusal = await admit(principal, request);
        const found = refusal ?? (await findUpstream(isolation, upstreams, principal));
        const upstream = isRefusal(found) ? found : (findBacklog(found) ?? found);
        if (isRefusal(upstream)) {
            const unavailable = upstream.status === 503;
            forwarder.end(record, unavailable ? "unavailable" : "refused", upstream.error.code);
            return describeRefusal(upstream);
        }
        const outcome = await call(forwarder, upstream, headers, record, request.params, signal);
        if (isLease(upstream)) {
            upstream.release();
        }
        const code = "error" in outcome ? outcome.error.code : undefined;
        forwarder.end(record, signal.aborted ? "cancelled" : describeOutcome(outcome), code);
        if (
            "error" in outcome &&
            isObject(outcome.error.data) &&
            outcome.error.data.timeout === true
        ) {
            return { timeout: outcome.error.message };
        }
        return outcome;
    };
}

async function findUpstream(
    isolation: Isolation,
    upstreams: Upstreams,
    principal: Principal,
): Promise<Upstream | Lease | Refusal> {
    const main = await upstreams.waitForShared();
    if (isRefusal(main)) {
        return main;
    }
    const { era } = main.description;
    switch (isolation) {
        case "principal":
            return await upstreams.ofPrincipal(principalKey(principal), era);
        case "session":
        case "request":
            return await upstreams.leaseAlone(sharedInitializeParams, era);
        default:
            return main;
    }
}

function call(
    forwarder: Forwarder,
    { connection, description }: Upstream,
    headers: IncomingHttpHeaders,
    record: CallRecord,
    params: JsonObject | undefined,
    signal: AbortSignal,
): Promise<Outcome> {
    const asked = description.era === "modern" ? { ...params, _meta: ownEnvelope } : params;
    return new Promise((resolve) => {
        const handlers = { onProgress: () => undefined, onAnswer: resolve };
        const traced = forwarder.trace({ headers }, record, asked);
        const id = connection.call(record.method, traced, handlers, forwarder.callLimit);
        const cancel = (): void => {
            if (connection.cancel(id, "the client closed the connection")) {
                const message = "cancelled by the client";
                resolve({ error: { code: errorCodes.internalError, message } });
            }
        };
        if (signal.aborted) {
            cancel();
        } else {
            signal.addEventListener("abort", cancel, { once: true });
        }
    });
}

function describeRefusal({ status, error, headers = [], result }: ResultRefusal): CallResult {
    const { message } = error;
    if (status === 503) {
        return { unavailable: message };
    }
    const pairs: [string, string][] = [];
    for (let at = 0; at + 1 < headers.length; at += 2) {
        pairs.push([headers[at] ?? "", headers[at + 1] ?? ""]);
    }
    // In MCP these are answers like any other; REST has a status for each.
    const unknown =
        status === 200 && result === undefined && error.code === errorCodes.invalidParams;
    const own = status === 200 ? (unknown ? 404 : result === undefined ? 500 : 422) : status;
    return { refused: { status: own, message, headers: Object.fromEntries(pairs) } };
}

function readText(value: string | string[] | undefined): string | undefined {
    return typeof value === "string" ? value : undefined;
}
