import { buildErrorBody, type ErrorAnswer, errorAnswers } from "../errorAnswers.ts";
import { block, type Directive, directive } from "./directive.ts";

/** Other statuses of NGINX that are answered as one of the gateway's. */
const internalStatuses: Record<number, number[]> = {
    400: [495, 496, 497],
    431: [494],
    // `auth_request` reports failures of the verifier as 500.
    503: [500],
};

/**
 * Answers that a request may get before it has a path. NGINX redirects such a request by path only; the redirect starts
 * over, and would forget who called and the verifier's challenge.
 */
const unparsed = new Set([400, 405, 414, 421, 431, 501, 505]);

/** Headers of single answers: NGINX adds the verifier's challenge itself, but only to 401. */
const furtherHeaders: Record<number, Record<string, string>> = {
    403: { "WWW-Authenticate": "$slipway_challenge" },
};

/** Where a call continues that was sent to no pod; see `buildRetry`. */
export const retryLocation = "@retry";

/** Redirects errors of NGINX to their answers. */
export function buildErrorPages(): Directive[] {
    return [
        directive("recursive_error_pages", "on"),
        ...errorAnswers.map(({ status }) => {
            const statuses = [status, ...(internalStatuses[status] ?? [])].sort((a, b) => a - b);
            return status === 502
                ? directive("error_page", status, "=", "@unsent")
                : directive("error_page", ...statuses, `=${status}`, placeOf(status));
        }),
    ];
}

function placeOf(status: number): string {
    return unparsed.has(status) ? `/_error/${status}` : `@error_${status}`;
}

/** One location per answer. */
export function buildErrorLocations(): Directive[] {
    return [
        block(
            ["location", "@unsent"],
            [directive("root", "/var/empty"), directive("try_files", "/.none", "$slipway_unsent")],
        ),
        ...errorAnswers.map(buildErrorLocation),
    ];
}

function buildErrorLocation(answer: ErrorAnswer): Directive {
    const { status, retrySeconds } = answer;
    const headers = Object.entries({
        ...furtherHeaders[status],
        ...(retrySeconds === undefined ? undefined : { "Retry-After": `${retrySeconds}` }),
    });
    return block(
        ["location", ...(unparsed.has(status) ? ["="] : []), placeOf(status)],
        [
            directive("internal"),
            directive("add_header_inherit", "merge"),
            directive("default_type", "application/json"),
            ...headers.map(([name, value]) => directive("add_header", name, value, "always")),
            directive("return", status, buildErrorBody(answer, "$slipway_request_id")),
        ],
    );
}

/**
 * NGINX gives a call up with "no live upstreams" when DNS changed the list of pods while it was about to try another
 * (nginx issue 1656). Such a call was sent to no pod, and is repeated once: then the last entry of `$upstream_addr`, and
 * only of its first group, is the upstream's name.
 */
export function buildRetryMap(): Directive {
    return block(
        ["map", "$upstream_addr", "$slipway_unsent"],
        [
            // Evaluated again when the repeated call fails as well.
            directive("volatile"),
            directive("default", placeOf(502)),
            directive("~^(?:[^ ,]+:[0-9]+, )*[a-z0-9-]+\\z", retryLocation),
        ],
    );
}
