import Docker from "dockerode";

import type { Operation } from "../protocol/provider.ts";
import { findDockerfile, packContext } from "./buildContext.ts";
import type { BuildContext } from "./buildContext.ts";
import { splitImageName } from "./imageName.ts";
import type { RegistryLogin } from "./registry.ts";

/** The Docker engine that DOCKER_HOST names, else the machine's own. */
const docker = new Docker();

export interface Build {
    context: BuildContext;
    args: Record<string, string>;
    platform: string | undefined;
    target: string | undefined;
    network: string | undefined;
}

type Watch = Pick<Operation, "log" | "signal">;

/** One line of the engine's answer to a build or a push. */
interface EngineLine {
    stream?: string;
    status?: string;
    id?: string;
    progress?: string;
    error?: string;
    aux?: { Digest?: string };
}

/** Builds an image and tags it; a failed build is an error with the build's last lines. */
export async function buildImage(imageName: string, build: Build, watch: Watch): Promise<void> {
    const { context, args, platform, target, network } = build;
    await ensureEngine();
    const packed = packContext(context);
    const stream = await docker.buildImage(packed, {
        t: imageName,
        dockerfile: findDockerfile(context),
        buildargs: args,
        rm: true,
        forcerm: true,
        ...(platform !== undefined && { platform }),
        ...(target !== undefined && { target }),
        ...(network !== undefined && { networkmode: network }),
        abortSignal: watch.signal,
    });
    await follow(`build of '${imageName}'`, stream, watch);
}

/** Says so when no engine answers, instead of how the connection broke. */
async function ensureEngine(): Promise<void> {
    try {
        await docker.ping();
    } catch (error) {
        const host = process.env.DOCKER_HOST || "unix:///var/run/docker.sock";
        const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
        throw new Error(
            `the Docker engine '${host}' cannot be reached (${reason}); start it, or name another by DOCKER_HOST`,
            { cause: error },
        );
    }
}

/** Pushes an image and gives `repository@sha256:…`. */
export async function pushImage(
    imageName: string,
    login: RegistryLogin,
    watch: Watch,
): Promise<string> {
    const { registry } = splitImageName(imageName);
    const stream = await docker.getImage(imageName).push({
        authconfig: authOf(registry, login),
        abortSignal: watch.signal,
    });
    const lines = await follow(`push of '${imageName}'`, stream, watch);
    const digest = lines.map(({ aux }) => aux?.Digest).findLast((one) => one !== undefined);
    if (digest === undefined) throw new Error(`push of '${imageName}': the engine told no digest`);
    return `${imageName.slice(0, imageName.lastIndexOf(":"))}@${digest}`;
}

/** The digest a registry has for a reference; undefined where it has none. */
export async function findDigest(
    reference: string,
    login: RegistryLogin,
): Promise<string | undefined> {
    const registry = reference.split("/")[0]!;
    try {
        const { Descriptor } = await docker
            .getImage(reference)
            .distribution({ authconfig: authOf(registry, login) });
        return Descriptor.digest;
    } catch (error) {
        const { statusCode, message } = error as { statusCode?: number; message: string };
        // The engine says 'manifest unknown' with 404, and with 403 or 500 in older versions.
        if (statusCode === 404 || /manifest unknown|not found/i.test(message)) return undefined;
        throw error;
    }
}

/** The id of an image in the engine, `sha256:…`. */
export async function localId(imageName: string): Promise<string> {
    return (await docker.getImage(imageName).inspect()).Id;
}

/** Takes the tag, and the image where nothing else uses it, out of the engine. */
export async function untagImage(imageName: string): Promise<void> {
    try {
        await docker.getImage(imageName).remove({ force: false });
    } catch (error) {
        const { statusCode } = error as { statusCode?: number };
        if (statusCode !== 404 && statusCode !== 409) throw error;
    }
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
        const { message } = error as Error;
        throw new Error([`${what}: ${message}`, ...told.slice(-15)].join("\n"), { cause: error });
    });
    const failure = lines.find(({ error }) => error !== undefined);
    if (failure !== undefined) {
        throw new Error([`${what}: ${failure.error}`, ...told.slice(-15)].join("\n"));
    }
    return lines;
}
