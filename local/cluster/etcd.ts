import { join } from "node:path";

import { paths } from "../paths.ts";
import type { Credentials } from "./credentials.ts";
import { flags } from "./flags.ts";
import type { Node } from "./node.ts";

/** Where the API server finds etcd: on the node's own loopback, with TLS. */
export const etcdUrl = "https://127.0.0.1:2379";

const healthUrl = "http://127.0.0.1:2381";

/** Starts the cluster's store. It has a certificate authority of its own, so that only the API server may read it. */
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
        // The version of Debian runs well there, and must be told so.
        environment: process.arch === "arm64" ? { ETCD_UNSUPPORTED_ARCH: "arm64" } : {},
        files: [etcd.certificate, etcdAuthority.certificate],
        ready: async () => {
            const health = await node.enter("curl", ["-sf", `${healthUrl}/health`]);
            return health.includes('"true"');
        },
    });
}
