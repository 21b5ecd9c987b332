import Docker from "dockerode";

import type { Node } from "../cluster/node.ts";
import { baseImages } from "./baseImages.ts";
import { ensureOwnDocker, ownDockerHost } from "./dockerEngine.ts";
import { findEngineProblem } from "./foundEngine.ts";

const defaultSocket = "/var/run/docker.sock";

/**
 * Returns the `DOCKER_HOST` that builds images: a running engine when it meets the requirements, else the platform's
 * own. Prints the choice and its reason.
 *
 * @param environment - Environment with DOCKER_HOST.
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

/** Connects as Docker's own client does, by DOCKER_HOST, DOCKER_TLS_VERIFY and DOCKER_CERT_PATH. */
function connect(named: string): Docker {
    return named === "" ? new Docker({ socketPath: defaultSocket }) : new Docker();
}
