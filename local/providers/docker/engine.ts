import Docker from "dockerode";

import { isConnectionLost, retryLost } from "../../lostConnection.ts";
import type { Operation } from "../protocol/provider.ts";
import { findDockerfile, packContext } from "./buildContext.ts";
import type { BuildContext } from "./buildContext.ts";
import { splitImageName } from "./imageName.ts";

/** The Docker engine that DOCKER_HOST names, else the machine's own. */
const docker = new Docker();

/** Registry credentials; anonymous without a user name. */
export interface RegistryLogin {
    username: string | undefined;
    password: string | undefined;
}

export interface Build {
    context: BuildContext;
    args: Record<string, string>;
    platform: string | undefined;
    target: string | undefined;
    network: string | undefined;
    /** Additional host names for the build, `host:address`. */
    addHosts?: string[];
    /** Images of the engine whose layers are used as build cache. */
    cacheFrom?: string[];
}

type Watch = Pick<Operation, "log" | "signal">;

/** Time for a lost engine or registry to answer again, in seconds. */
const backWithinSeconds = 120;
/** The same for an engine that has never answered; probably there is none. */
const answerWithinSeconds = 30;

/** Retries a build or push that lost its engine or registry. Finished layers are not built again. */
function retry<T>(what: string, { log, signal }: Watch, work: () => Promise<T>): Promise<T> {
    return retryLost(work, {
        seconds: backWithinSeconds,
        signal,
        onRetry: ({ message }) => {
            log.info(`${what}: is tried again: ${message.split("\n")[0]}`);
        },
    }).catch((error: unknown) => {
        // A cancelled request looks like a lost connection.
        signal.throwIfAborted();
        throw error;
    });
}

/** One line of the engine's progress stream of a build or a push. */
interface EngineLine {
    stream?: string;
    status?: string;
    id?: string;
    progress?: string;
    error?: string;
    aux?: { Digest?: string };
}

/** Builds an image and tags it. Throws an error with the build's last lines when it fails. */
export async function buildImage(imageName: string, build: Build, watch: Watch): Promise<void> {
    const { context, args, platform, target, network, addHosts = [], cacheFrom = [] } = build;
    const what = `build of '${imageName}'`;
    await ensureEngine(watch);
    await retry(what, watch, async () => {
        const stream = await docker.buildImage(packContext(context), {
            t: imageName,
            dockerfile: findDockerfile(context),
            buildargs: args,
            rm: true,
            forcerm: true,
            ...(platform !== undefined && { platform }),
            ...(target !== undefined && { target }),
            ...(network !== undefined && { networkmode: network }),
            ...(addHosts.length > 0 && { extrahosts: addHosts.join(",") }),
            ...(cacheFrom.length > 0 && { cachefrom: JSON.stringify(cacheFrom) }),
            abortSignal: watch.signal,
        });
        await follow(what, stream, watch);
    });
}

/** Throws an error that no engine answers, instead of the socket's error. */
async function ensureEngine({ signal }: Watch): Promise<void> {
    try {
        await retryLost(() => docker.ping(), { seconds: answerWithinSeconds, signal });
    } catch (error) {
        const host = process.env.DOCKER_HOST || "unix:///var/run/docker.sock";
        const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
        throw new Error(
            `the Docker engine '${host}' cannot be reached (${reason}); start it, or name another by DOCKER_HOST`,
            { cause: error },
        );
    }
}

/** Pushes an image and returns `repository@sha256:…`. */
export async function pushImage(
    imageName: string,
    login: RegistryLogin,
    watch: Watch,
): Promise<string> {
    const { registry } = splitImageName(imageName);
    const what = `push of '${imageName}'`;
    const lines = await retry(what, watch, async () => {
        const stream = await docker.getImage(imageName).push({
            authconfig: authOf(registry, login),
            abortSignal: watch.signal,
        });
        return follow(what, stream, watch);
    });
    const digest = lines.map(({ aux }) => aux?.Digest).findLast((one) => one !== undefined);
    if (digest === undefined) throw new Error(`${what}: the engine told no digest`);
    return `${imageName.slice(0, imageName.lastIndexOf(":"))}@${digest}`;
}

/** The id of an image in the engine, `sha256:…`. */
export async function localId(imageName: string): Promise<string> {
    return (await docker.getImage(imageName).inspect()).Id;
}

function authOf(registry: string, { username, password }: RegistryLogin) {
    return { serveraddress: registry, username: username ?? "", password: password ?? "" };
}

async function follow(
    what: string,
    stream: NodeJS.ReadableStream,
    { log }: Watch,
): Promise<EngineLine[]> {
    const told: string[] = [];
    const lines = await new Promise<EngineLine[]>((resolve, reject) => {
        docker.modem.followProgress(
            stream,
            (error, output) => (error ? reject(error) : resolve(output as EngineLine[])),
            (line: EngineLine) => {
                const text = (
                    line.stream ?? [line.id, line.status].filter(Boolean).join(" ")
                ).trim();
                if (text === "") return;
                told.push(text);
                log.progress(text);
            },
        );
    }).catch((error: unknown) => {
        throw describeFailure(what, (error as Error).message, told, error);
    });
    const failure = lines.find(({ error }) => error !== undefined);
    if (failure?.error !== undefined) {
        const { error } = failure;
        throw describeFailure(what, error, told, new Error(error));
    }
    return lines;
}

function describeFailure(what: string, reason: string, told: string[], cause: unknown): Error {
    const words = isConnectionLost(cause)
        ? `the connection to the Docker engine or the registry was lost (${reason}); check that both run`
        : reason;
    return new Error([`${what}: ${words}`, ...told.slice(-15)].join("\n"), { cause });
}
