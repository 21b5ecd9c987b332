import type { CallRecord } from "../../../src/calls/callRecord.ts";
import { anonymous } from "../../../src/auth/principal.ts";

/** A call as the bridge describes it, begun now. */
export function createRecord(fields: Partial<CallRecord> = {}): CallRecord {
    return {
        method: "tools/call",
        name: "echo",
        era: "legacy",
        principal: anonymous,
        requestId: undefined,
        traceparent: undefined,
        startedAt: performance.now(),
        ...fields,
    };
}
