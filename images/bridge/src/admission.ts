import type { RpcRequest } from "./jsonRpc.ts";
import type { Principal } from "./principal.ts";
import type { Refusal } from "./refusal.ts";

/** Decides whether a caller may make a request; at once when it can, because every call asks. */
export type Admit = (
    principal: Principal,
    request: RpcRequest,
) => Refusal | undefined | Promise<Refusal | undefined>;
