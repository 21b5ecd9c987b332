import type { Context, MiddlewareHandler } from "hono";
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";

import { readCaller } from "../toolCalls.ts";

/** Answers 429 to a caller with more requests per minute than allowed. Counts per process. */
export function limitRate(requestsPerMinute: number): MiddlewareHandler {
    const limiter: RateLimiterAbstract = new RateLimiterMemory({
        points: requestsPerMinute,
        duration: 60,
    });
    return async (context, next) => {
        try {
            await limiter.consume(nameCaller(context));
        } catch (refusal) {
            if (!(refusal instanceof RateLimiterRes)) throw refusal;
            const seconds = Math.ceil(refusal.msBeforeNext / 1000);
            context.header("retry-after", String(seconds));
            return context.json({ detail: `too many requests; try again in ${seconds} s` }, 429);
        }
        return next();
    };
}

/** The caller that the gateway verified, else the address. */
function nameCaller(context: Context): string {
    const { subject, client } = readCaller(context.req.raw.headers);
    const { incoming } = context.env as { incoming?: { socket?: { remoteAddress?: string } } };
    return subject ?? client ?? incoming?.socket?.remoteAddress ?? "anyone";
}
