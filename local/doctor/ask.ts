import { describeCause } from "../../verify/verifyServer.ts";

const answerWithinMs = 10_000;

/** What a URL answers, or why it does not. */
export type Answer = { ok: boolean; status: number; text: string } | { error: string };

export async function askUrl(url: string): Promise<Answer> {
    try {
        const response = await fetch(url, { signal: AbortSignal.timeout(answerWithinMs) });
        return { ok: response.ok, status: response.status, text: await response.text() };
    } catch (error) {
        return { error: describeCause(error) };
    }
}

/** The answer, or an error when there is none in time. */
export async function awaitAnswer<T>(answer: Promise<T>): Promise<T> {
    const { promise, reject } = Promise.withResolvers<never>();
    const late = setTimeout(() => reject(new Error("no answer within 10 s")), answerWithinMs);
    try {
        return await Promise.race([answer, promise]);
    } finally {
        clearTimeout(late);
    }
}
