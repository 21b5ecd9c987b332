import { block, type Directive, directive } from "./directive.ts";
import { type NginxConfiguration, nameserversWord, type PodAddresses } from "./settings.ts";

/** Upstream of the token verifier; distinct from every server, whose names have no `_`. */
export const verifierUpstream = "token_verifier";

/** Questions to DNS that a pod may ask in a second. */
const questionsPerSecond = 90;

/** Zone with the addresses of all pods; every upstream has its own part of it. */
const zone = "pods";

/**
 * How often NGINX looks up the names of pods. It asks for each when the answer is a second older than `valid`: every 3
 * seconds while there are few servers, and more seldom the more there are.
 */
export function buildResolver({ routes }: NginxConfiguration): Directive {
    const names = routes.flatMap(({ serviceAddress }) =>
        serviceAddress === undefined ? ["pods", "service"] : ["pods"],
    );
    const valid = Math.max(2, Math.ceil((names.length + 2) / questionsPerSecond) - 1);
    return directive("resolver", nameserversWord, `valid=${valid}s`);
}

/** Pods of the token verifier, which every call needs first, and those of each server. */
export function buildUpstreams({ routes, verifier }: NginxConfiguration): Directive[] {
    const size = `zone ${zone} ${1 + Math.ceil(routes.length / 16)}m`.split(" ");
    return [
        buildUpstream(verifierUpstream, verifier, size),
        ...routes.map((route) => buildUpstream(route.server, route, ["zone", zone])),
    ];
}

function buildUpstream(name: string, addresses: PodAddresses, [first = "", ...rest]: string[]) {
    const { podsHost, serviceHost, serviceAddress, port } = addresses;
    return block(
        ["upstream", name],
        [
            directive(first, ...rest),
            directive("least_conn"),
            // A pod that refuses connections is skipped until DNS no longer lists it.
            directive("server", `${podsHost}:${port}`, "resolve", "fail_timeout=3s"),
            // Used while DNS lists no pod, or only pods that no longer exist.
            serviceAddress === undefined
                ? directive("server", `${serviceHost}:${port}`, "resolve", "max_fails=0", "backup")
                : directive("server", buildPeer(serviceAddress, port), "max_fails=0", "backup"),
            directive("keepalive", 64),
            // Shorter than the 5 s after which Node and uvicorn close an idle connection.
            directive("keepalive_timeout", "3s"),
        ],
    );
}

function buildPeer(address: string, port: number): string {
    return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
