import type { IncomingMessage } from "node:http";
import type { JsonObject } from "../json/jsonRpc.ts";
import type { Principal } from "./principal.ts";

/** Why a request may not be served, and the answer its client is to see. */
export interface AuthRefusal {
    /** 400 credentials that make no sense, 401 none or bad ones, 403 too little, 503 not to be told now. */
    status: 400 | 401 | 403 | 503;
    /** Headers of the answer: the challenge, or when to try again. */
    headers: Record<string, string>;
    /** RFC 6750's error code, for metrics; undefined for a request that brought no credentials. */
    error: string | undefined;
    /** The reason, for people; holds nothing of the credentials. */
    message: string;
}

/** A document served to anyone at any of the paths. */
export interface MetadataDocument {
    paths: ReadonlySet<string>;
    document: JsonObject;
    headers: Record<string, string>;
}

/** Tells who sends a request. */
export interface Authenticator {
    /** Who sends it, at once when that is known; a promise only for a token that was not seen of late. */
    authenticate(
        request: IncomingMessage,
    ): Principal | AuthRefusal | Promise<Principal | AuthRefusal>;
    /** The refusal of a call that needs further scopes: what makes a client ask its user and try again. */
    stepUp(scopes: readonly string[]): AuthRefusal;
    /** Who issues tokens for the endpoint (RFC 9728); undefined when it takes none. */
    readonly metadata: MetadataDocument | undefined;
    /** Whether it can tell: false until the issuer's keys were loaded once. */
    readonly ready: boolean;
    /** Ends what goes on in the background. */
    close(): void;
}

/** Tells a refusal from a principal. */
export function isRefusal(answer: Principal | AuthRefusal): answer is AuthRefusal {
    return "status" in answer;
}
