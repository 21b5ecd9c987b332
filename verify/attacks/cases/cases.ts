import type { Attack, AttackTarget, Refusal } from "../attack.ts";
import { sendRequest } from "../http1.ts";
import type { HandmadeRequest, Wire } from "../http1.ts";

/** A request that is broken by the rules of HTTP. */
export const malformed: Refusal[] = [400, "closed"];

/** A request without a valid token. */
export const unauthorized: Refusal[] = [401];

/** A path at which nothing is served. */
export const absent: Refusal[] = [404];

/** One case whose attack is a single HTTP/1 request. */
export interface RequestCase {
    name: string;
    expected: Refusal[];
    request: (target: AttackTarget) => HandmadeRequest | Promise<HandmadeRequest>;
    wire?: Wire;
    legitimate?: boolean;
    forbidden?: RegExp;
    needs?: keyof AttackTarget;
}

/** The attacks of a table of single requests. */
export function requestAttacks(group: string, cases: RequestCase[]): Attack[] {
    return cases.map(({ request, wire, ...attack }) => ({
        group,
        ...attack,
        send: async (target) => sendRequest(target, await request(target), wire),
    }));
}
