import { join } from "node:path";

import { paths } from "../paths.ts";
import type { Credentials } from "./credentials.ts";
import { flags } from "./flags.ts";
import type { Node } from "./node.ts";

/** Address of etcd for the API server: the node's loopback, with TLS. */
export const etcdUrl = "https://127.0.0.1:2379";

const healthUrl = "http://127.0.0.1:2381";

/** Starts etcd with a certificate authority of its own, so that only the API server has access. */
export async function ensureEtcd(node: Node, credentials: Credentials): Promise<void> {
    const { etcd, etcdAuthority } = credentials;
    await node.service({
        name: "etcd",
        command: [
            "etcd",
            ...flags({
                "data-dir": join(paths.platform, "etcd"),
                "listen-client-urls": etcdUrl,
                "advertise-client-urls": etcdUrl,
                "listen-peer-urls": "http://127.0.0.1:2380",
                "listen-metrics-urls": healthUrl,
                "cert-file": etcd.certificate,
                "key-file": etcd.key,
                "trusted-ca-file": etcdAuthority.certificate,
                "client-cert-auth": "true",
                "auto-compaction-retention": "1h",
                "quota-backend-bytes": String(2 ** 31),
                "log-outputs": "stderr",
            }),
        ],
        // Debian's etcd works on arm64, but refuses to start without this variable.
        environment: process.arch === "arm64" ? { ETCD_UNSUPPORTED_ARCH: "arm64" } : {},
        files: [etcd.certificate, etcdAuthority.certificate],
        ready: async () => {
            const health = await node.enter("curl", ["-sf", `${healthUrl}/health`]);
            return health.includes('"true"');
        },
    });
}
