import { join } from "node:path";

import { paths } from "../paths.ts";

/**
 * Addresses of the embedded platform. All but the first two are inside the node's network namespace, so they cannot
 * collide with the machine's.
 */
export const addresses = {
    /** Machine end of the veth pair to the node. */
    machine: "10.203.0.1",
    /** Node end. */
    node: "10.203.0.2",
    link: "10.203.0.0/30",
    pods: "10.244.0.0/16",
    services: "10.96.0.0/16",
    apiService: "10.96.0.1",
    dns: "10.96.0.10",
} as const;

/** Ports of the node that also answer on the machine's 127.0.0.1. */
export const ports = { gateway: 30443, keycloak: 30444, registry: 30500 } as const;

export const apiServerUrl = `https://${addresses.node}:6443`;

/** Where the cluster's containerd listens. */
export const containerdSocket = join(paths.runtime, "containerd.sock");
