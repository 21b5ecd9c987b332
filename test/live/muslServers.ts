import { join } from "node:path";

import {
    nginxGatewayPods,
    ServerDeployment,
    type ServerDeploymentArgs,
    ServerImage,
    ServerNamespace,
} from "../../components/index.ts";
import { projectRoot } from "../../local/stack.ts";
import { openProviderStack } from "../providers/providerStack.ts";

/** A stdio server on musl, bridged, in pods that go quickly. */
export interface MuslServer extends Pick<ServerDeploymentArgs, "isolation" | "replicas"> {
    name: string;
    /** `/server`, run by musl's loader, or `/server-static`, run by none. */
    command: string[];
}

/**
 * Builds bridge and server, and deploys the servers to a namespace of their own.
 *
 * @returns a function that takes all of it away
 */
export async function deployMuslServers(
    namespace: string,
    servers: MuslServer[],
): Promise<() => Promise<void>> {
    /** A registry that DOCKER_HOST may push to, and nodes pull from. */
    const host = process.env["SLIPWAY_TEST_REGISTRY"] ?? "localhost:30500";
    const registry = { address: `${host}/${namespace}` };
    const own = await openProviderStack(["docker", "kubernetes", "random"], {
        environment: {},
        official: true,
    });
    own.use(() => {
        const place = new ServerNamespace("place", { namespace, protect: false });
        const build = (name: string, directory: string) =>
            new ServerImage(name, { directory: join(projectRoot, directory), registry });
        const bridge = build("bridge", "images/bridge");
        const image = build("musl-server", "test/live/fixtures/muslServer");
        const shared = {
            namespace: place.namespace,
            image: image.reference,
            bridge: { image: bridge.reference },
            gatewayPods: nginxGatewayPods,
            drainSeconds: 1,
            longestCallSeconds: 5,
            // There may be more stacks than one processor can promise a share to.
            resources: { requests: { cpu: "10m" } },
        };
        for (const { name, ...server } of servers) {
            new ServerDeployment(name, { ...shared, ...server });
        }
        return Promise.resolve();
    });
    const remove = async () => {
        await own.stack.destroy();
        await own.close();
    };
    try {
        await own.stack.up();
    } catch (error) {
        await remove();
        throw error;
    }
    return remove;
}
