import { buildErrorBody, errorAnswers } from "../errorAnswers.ts";
import { block, type Directive, directive } from "./directive.ts";

/** Other statuses of NGINX that are answered as one of the gateway's. */
const internalStatuses: Record<number, number[]> = {
    400: [494, 495, 496, 497],
    // `auth_request` reports failures of the verifier as 500.
    503: [500],
};

/** Headers of single answers: NGINX adds the verifier's challenge itself, but only to 401. */
const furtherHeaders: Record<number, Record<string, string>> = {
    403: { "WWW-Authenticate": "$slipway_challenge" },
};

/** Redirects errors of NGINX to their answers. */
export function buildErrorPages(): Directive[] {
    return errorAnswers.map(({ status }) => {
        const statuses = [status, ...(internalStatuses[status] ?? [])].sort((a, b) => a - b);
        return directive("error_page", ...statuses, `=${status}`, `@error_${status}`);
    });
}

/** One location per answer. */
export function buildErrorLocations(): Directive[] {
    return errorAnswers.map((answer) => {
        const { status, retrySeconds } = answer;
        const headers = Object.entries({
            ...furtherHeaders[status],
            ...(retrySeconds === undefined ? undefined : { "Retry-After": `${retrySeconds}` }),
        });
        return block(
            ["location", `@error_${status}`],
            [
                directive("internal"),
                directive("add_header_inherit", "merge"),
                directive("default_type", "application/json"),
                ...headers.map(([name, value]) => directive("add_header", name, value, "always")),
                directive("return", status, buildErrorBody(answer, "$slipway_request_id")),
            ],
        );
    });
}
