import { createHash, randomBytes } from "node:crypto";
import { isObject, type JsonObject, type RpcRequest } from "../../json/jsonRpc.ts";
import { Signer } from "../../auth/signedText.ts";

/** What a `requestState` of the bridge says. */
export interface RequestState {
    /** Replica that waits for the answer. */
    address: string;
    /** Name of this round, good for one use. */
    nonce: string;
    /** When it is no longer good, in milliseconds since 1970. */
    expiresAt: number;
    /** The server's own state, of a server that makes one. */
    inner: string | undefined;
}

/**
 * Makes and reads the `requestState` of 2026-07-28. It is signed, so that clients cannot make one up, and bound to the
 * principal and the request it was made for, so that it is of no use to anybody else or for anything else.
 */
export class RequestStates {
    private readonly signer: Signer;
    private readonly address: string;
    private readonly lifetime: number;
    /** Rounds that were used here, which a client must not use again; in order of their end. */
    private readonly used = new Map<string, number>();

    /** @param lifetime how long a state is good, in milliseconds */
    constructor(key: Buffer, address: string, lifetime: number) {
        this.signer = new Signer(key, "requestState");
        this.address = address;
        this.lifetime = lifetime;
    }

    /** Makes a state for what a principal asked. */
    create(principal: string | undefined, request: RpcRequest, inner?: string) {
        const nonce = randomBytes(12).toString("base64url");
        const expiresAt = Date.now() + this.lifetime;
        const bound = digest(principal, request);
        const text = this.signer.sign([this.address, nonce, expiresAt, bound, inner ?? null]);
        return { nonce, text };
    }

    /** Reads a state that comes back; undefined when it is not good for this principal and this request, or any longer. */
    read(
        text: unknown,
        principal: string | undefined,
        request: RpcRequest,
    ): RequestState | undefined {
        const content = typeof text === "string" ? this.signer.open(text) : undefined;
        if (!Array.isArray(content)) {
            return undefined;
        }
        const [address, nonce, expiresAt, bound, inner] = content as [
            string,
            string,
            number,
            string,
            string | null,
        ];
        const good =
            expiresAt > Date.now() && bound === digest(principal, request) && !this.used.has(nonce);
        return good ? { address, nonce, expiresAt, inner: inner ?? undefined } : undefined;
    }

    /** Notes that a state was not used after all: what came with it was refused for now, and may come again. */
    giveBack({ nonce }: RequestState): void {
        this.used.delete(nonce);
    }

    /** Notes that a state was used. */
    use({ nonce, expiresAt }: RequestState): void {
        const now = Date.now();
        for (const [old, end] of this.used) {
            if (end > now) {
                break;
            }
            this.used.delete(old);
        }
        this.used.set(nonce, expiresAt);
    }
}

/** Names a principal and a request, without what differs between a call and its continuation. */
function digest(principal: string | undefined, { method, params = {} }: RpcRequest): string {
    const { _meta, inputResponses, requestState, ...asked } = params;
    void [_meta, inputResponses, requestState];
    const text = JSON.stringify([principal ?? "", method, sortKeys(asked)]);
    return createHash("sha256").update(text).digest("base64url").slice(0, 22);
}

function sortKeys(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(sortKeys);
    }
    if (!isObject(value)) {
        return value;
    }
    const sorted: JsonObject = {};
    for (const key of Object.keys(value).sort()) {
        sorted[key] = sortKeys(value[key]);
    }
    return sorted;
}
