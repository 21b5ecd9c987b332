import type { RpcRequest } from "../json/jsonRpc.ts";
import type { Principal } from "../auth/principal.ts";
import type { ResultRefusal } from "../policy/toolAnswers.ts";

/** Decides whether a caller may make a request; at once when it can, because every call asks. */
export type Admit = (
    principal: Principal,
    request: RpcRequest,
) => ResultRefusal | undefined | Promise<ResultRefusal | undefined>;
