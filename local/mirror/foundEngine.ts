import type Docker from "dockerode";

import { shortReference } from "./baseImages.ts";
import type { BaseImage } from "./baseImages.ts";
import { registryAddress } from "./registry.ts";

/** Read-only part of the engine's API. */
export type AskedEngine = Pick<Docker, "ping" | "getImage">;

const answerMs = 3000;
const lookUpMs = 15_000;

/**
 * Returns why a running engine cannot build the platform's images, as the predicate of a sentence; undefined when it
 * can.
 *
 * It must resolve every base image of Docker Hub and reach the platform's registry. The check pulls nothing and does
 * not change the engine's content.
 */
export async function findEngineProblem(
    engine: AskedEngine,
    images: BaseImage[],
): Promise<string | undefined> {
    const answers = await within(answerMs, engine.ping()).then(
        () => true,
        () => false,
    );
    if (!answers) return "does not answer";
    const wanted = images.filter(({ upstream }) => upstream === "docker.io").map(shortReference);
    const known = await Promise.all(wanted.map((reference) => resolves(engine, reference)));
    const missing = wanted.filter((_, index) => known[index] !== true);
    if (missing.length > 0) {
        return `cannot resolve ${missing.map((reference) => `'${reference}'`).join(", ")}`;
    }
    return (await reachesRegistry(engine))
        ? undefined
        : `does not reach the registry at '${registryAddress}'`;
}

/** Asks for a missing image: an engine that reaches the registry reports 'not found', others fail differently. */
async function reachesRegistry(engine: AskedEngine): Promise<boolean> {
    try {
        await within(lookUpMs, lookUp(engine, `${registryAddress}/slipway/none`));
        return true;
    } catch (error) {
        const { statusCode } = error as { statusCode?: number };
        return statusCode === 404 || statusCode === 403;
    }
}

async function resolves(engine: AskedEngine, reference: string): Promise<boolean> {
    const looks = [() => engine.getImage(reference).inspect(), () => lookUp(engine, reference)];
    for (const look of looks) {
        const found = await within<unknown>(lookUpMs, look()).then(
            () => true,
            () => false,
        );
        if (found) return true;
    }
    return false;
}

/** Asks the engine's registry about an image without pulling it. */
function lookUp(engine: AskedEngine, reference: string): Promise<unknown> {
    return engine.getImage(reference).distribution();
}

function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
    const signal = AbortSignal.timeout(milliseconds);
    return Promise.race([
        work,
        new Promise<never>((_, reject) => {
            signal.addEventListener("abort", () => {
                reject(new Error(`no answer within ${milliseconds} ms`));
            });
        }),
    ]);
}
