import type { IncomingMessage } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

import { makeLocalCertificate } from "./localCertificate.ts";

/** An object as the API server stores it. */
export interface Manifest {
    kind: string;
    metadata: Record<string, unknown>;
    [field: string]: unknown;
}

/** An API server that stores applied objects and reports them as ready. It has no pods. */
export interface FakeKubernetes {
    /** kubeconfig text with its address. */
    kubeconfig: string;
    /** All applied manifests, including dry runs. */
    applied: Manifest[];
    close(): Promise<void>;
}

/** Resources by API group, with their kinds. */
const resources: Record<string, Record<string, string>> = {
    "/api/v1": {
        namespaces: "Namespace",
        secrets: "Secret",
        services: "Service",
        serviceaccounts: "ServiceAccount",
    },
    "/apis/apps/v1": { deployments: "Deployment" },
    "/apis/autoscaling/v2": { horizontalpodautoscalers: "HorizontalPodAutoscaler" },
    "/apis/discovery.k8s.io/v1": { endpointslices: "EndpointSlice" },
    "/apis/networking.k8s.io/v1": { networkpolicies: "NetworkPolicy" },
    "/apis/policy/v1": { poddisruptionbudgets: "PodDisruptionBudget" },
};

/** Starts the server on a free port of the loopback interface. */
export async function startFakeKubernetes(): Promise<FakeKubernetes> {
    const applied: Manifest[] = [];
    const objects = new Map<string, Manifest>();
    const answer = async (request: IncomingMessage): Promise<[status: number, body: unknown]> => {
        const { pathname, searchParams } = new URL(request.url ?? "", "http://localhost");
        const group = resources[pathname];
        if (group !== undefined) {
            const list = Object.entries(group).map(([name, kind]) => ({
                name,
                kind,
                namespaced: kind !== "Namespace",
            }));
            return [200, { resources: list }];
        }
        if (pathname.endsWith("/endpointslices")) {
            return [200, { items: [{ endpoints: [{ conditions: { ready: true } }] }] }];
        }
        if (pathname === "/version") return [200, { gitVersion: "v1.36.0" }];
        const found = objects.get(pathname);
        if (request.method === "PATCH") {
            const manifest = (await json(request)) as Manifest;
            applied.push(manifest);
            const object = store(manifest, pathname);
            if (!searchParams.has("dryRun")) objects.set(pathname, object);
            return [200, object];
        }
        if (request.method === "DELETE") objects.delete(pathname);
        return found === undefined
            ? [404, { kind: "Status", reason: "NotFound", code: 404, message: "not found" }]
            : [200, found];
    };
    const { certificate, key } = await makeLocalCertificate();
    const server = createServer({ cert: certificate, key }, (request, response) => {
        void answer(request).then(([status, body]) => {
            response.writeHead(status, { "content-type": "application/json" });
            response.end(JSON.stringify(body));
        });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const named = (kind: string, value: object) => [{ name: "fake", [kind]: value }];
    return {
        kubeconfig: JSON.stringify(
            {
                "current-context": "fake",
                clusters: named("cluster", {
                    server: `https://127.0.0.1:${port}`,
                    "certificate-authority-data": Buffer.from(certificate).toString("base64"),
                }),
                contexts: named("context", { cluster: "fake", user: "fake" }),
                users: named("user", {}),
            },
            null,
            1,
        ),
        applied,
        close: async () => {
            server.closeAllConnections();
            await new Promise((resolve) => server.close(resolve));
        },
    };
}

/** The object that the API server and its controllers would make of a manifest. */
function store(manifest: Manifest, path: string): Manifest {
    return {
        ...manifest,
        metadata: { ...manifest.metadata, uid: `uid of ${path}`, generation: 1 },
        status: {
            phase: "Active",
            observedGeneration: 1,
            replicas: 1,
            updatedReplicas: 1,
            availableReplicas: 1,
        },
    };
}
