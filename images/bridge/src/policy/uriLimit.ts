import { errorCodes, isObject, type JsonObject } from "../json/jsonRpc.ts";
import type { Refusal } from "../json/refusal.ts";

/**
 * Refuses parameters that name a resource by a URI longer than it may be: of `resources/read` and (un)subscribing, of the
 * reference of a completion, and of the filter of `subscriptions/listen`.
 *
 * @param limit longest URI, in bytes
 */
export function refuseLongUri(params: JsonObject | undefined, limit: number): Refusal | undefined {
    if (params === undefined) {
        return undefined;
    }
    const { uri, ref, notifications } = params;
    const named: [path: string, uri: unknown][] = [
        ["uri", uri],
        ["ref.uri", isObject(ref) ? ref.uri : undefined],
    ];
    const wanted = isObject(notifications) ? notifications.resourceSubscriptions : undefined;
    if (Array.isArray(wanted)) {
        wanted.forEach((one, at) =>
            named.push([`notifications.resourceSubscriptions[${at}]`, one]),
        );
    }
    const problems = named.flatMap(([path, value]) => {
        const bytes = typeof value === "string" ? Buffer.byteLength(value) : 0;
        return bytes > limit
            ? [`params.${path}: must be at most ${limit} bytes long, got ${bytes}`]
            : [];
    });
    return problems.length === 0
        ? undefined
        : {
              status: 200,
              error: { code: errorCodes.invalidParams, message: problems.slice(0, 10).join("; ") },
          };
}
