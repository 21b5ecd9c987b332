import Docker from "dockerode";

import type { Node } from "../cluster/node.ts";
import { baseImages } from "./baseImages.ts";
import { ensureOwnDocker, ownDockerHost } from "./dockerEngine.ts";
import { findEngineProblem } from "./foundEngine.ts";

const defaultSocket = "/var/run/docker.sock";

/**
 * Gives the `DOCKER_HOST` that images are built with: an engine that answers already, when it can do what is needed, else
 * the platform's own. Says which one, and why.
 *
 * @param environment - Where DOCKER_HOST is looked for.
 */
export async function ensureDocker(node: Node, environment = process.env): Promise<string> {
    const named = environment["DOCKER_HOST"] ?? "";
    const host = named === "" ? `unix://${defaultSocket}` : named;
    if (host !== ownDockerHost) {
        const problem = await findEngineProblem(connect(named), baseImages);
        if (problem === undefined) {
            console.log(`Docker engine: uses the one at '${host}'`);
            return host;
        }
        if (problem !== "does not answer" || named !== "") {
            console.log(`Docker engine: starts its own, because the one at '${host}' ${problem}`);
        }
    }
    await ensureOwnDocker(node);
    return ownDockerHost;
}

/** DOCKER_HOST, DOCKER_TLS_VERIFY and DOCKER_CERT_PATH as every Docker program reads them. */
function connect(named: string): Docker {
    return named === "" ? new Docker({ socketPath: defaultSocket }) : new Docker();
}
