import assert from "node:assert/strict";

import {
    type ClusterNeeds,
    findClusterProblems,
    type ReadCluster,
} from "../../config/clusterRules.ts";

const secret = { type: "kubernetes.io/tls" };
const classes = "/apis/networking.k8s.io/v1/ingressclasses";

/** A cluster that has everything that the gateways below need. */
const complete: Record<string, Awaited<ReturnType<ReadCluster>>> = {
    "/api/v1/namespaces/tools": {},
    "/api/v1/namespaces/tools/secrets/tls": secret,
    "/api/v1/namespaces/auth-apisix": {},
    "/api/v1/namespaces/auth-apisix/secrets/tls": secret,
    "/apis/apisix.apache.org/v2": {},
    "/apis/apisix.apache.org/v1alpha1": {},
    "/apis/k8s.nginx.org/v1": {},
    [classes]: { items: [{ metadata: { name: "nginx" } }, { metadata: { name: "apisix" } }] },
    [`${classes}/nginx`]: {},
    [`${classes}/apisix`]: {},
};

const nginx = { kind: "nginx", exposure: { loadBalancer: true } };
const nginxBehindIngress = { kind: "nginx", exposure: { ingressClass: "nginx" } };
const apisix = { kind: "apisix" };
const fronted = { kind: "apisix", enterpriseInference: {} };
const ingress = { kind: "ingress", flavor: "ingress-nginx" };
const f5 = { kind: "ingress", flavor: "nginx-inc" };

const elsewhere = (spec: object) => ({
    items: [{ metadata: { name: "web", namespace: "shop" }, spec }],
});

interface Case {
    what: string;
    gateway: object;
    /** The servers of the stack. */
    servers?: { host?: string }[];
    /** Changes of the complete cluster; undefined takes an object away. */
    cluster?: Record<string, unknown>;
    refused?: { path: string; reason: RegExp };
}

const host = {
    path: "gateway.host",
    reason: /^must be a host .*'shop\/web' has; choose another host$/,
};
const cases: Case[] = [
    ...[nginx, nginxBehindIngress, apisix, fronted, ingress, f5].map((gateway) => ({
        what: `a complete cluster for ${JSON.stringify(gateway)}`,
        gateway,
    })),
    {
        what: "a certificate that is missing",
        gateway: nginx,
        cluster: { "/api/v1/namespaces/tools/secrets/tls": undefined },
        refused: {
            path: "gateway.tls.secretName",
            reason: /^must be a Secret of type 'kubernetes.io\/tls' in namespace 'tools', got 'tls', which does not exist; create it by/,
        },
    },
    {
        what: "a Secret of another type",
        gateway: apisix,
        cluster: { "/api/v1/namespaces/tools/secrets/tls": { type: "Opaque" } },
        refused: { path: "gateway.tls.secretName", reason: /got 'tls', of type 'Opaque'; / },
    },
    {
        what: "a certificate that is not beside APISIX",
        gateway: fronted,
        cluster: { "/api/v1/namespaces/auth-apisix/secrets/tls": undefined },
        refused: { path: "gateway.tls.secretName", reason: /in namespace 'auth-apisix'/ },
    },
    {
        what: "a certificate in a namespace that is created",
        gateway: nginx,
        cluster: {
            "/api/v1/namespaces/tools": undefined,
            "/api/v1/namespaces/tools/secrets/tls": undefined,
        },
    },
    {
        what: "a certificate that cert-manager makes",
        gateway: { ...ingress, annotations: { "cert-manager.io/cluster-issuer": "letsencrypt" } },
        cluster: { "/api/v1/namespaces/tools/secrets/tls": undefined },
    },
    {
        what: "a cluster without APISIX",
        gateway: apisix,
        cluster: {
            "/apis/apisix.apache.org/v2": undefined,
            "/apis/apisix.apache.org/v1alpha1": undefined,
        },
        refused: { path: "gateway.kind", reason: /or set 'gateway.install: \{\}'$/ },
    },
    {
        what: "a cluster in which APISIX is installed",
        gateway: { ...apisix, install: {} },
        cluster: { "/apis/apisix.apache.org/v2": undefined, [`${classes}/apisix`]: undefined },
    },
    {
        what: "a cluster without F5's controller",
        gateway: f5,
        cluster: { "/apis/k8s.nginx.org/v1": undefined },
        refused: { path: "gateway.flavor", reason: /^must go with the CustomResourceDefinitions/ },
    },
    {
        what: "a class that is misspelt",
        gateway: { ...apisix, ingressClassName: "apsix" },
        refused: {
            path: "gateway.ingressClassName",
            reason: /which has nginx, apisix, got 'apsix'; did you mean 'apisix'\?$/,
        },
    },
    {
        what: "the class of an Ingress that is missing",
        gateway: fronted,
        cluster: { [`${classes}/nginx`]: undefined, [classes]: { items: [] } },
        refused: {
            path: "gateway.enterpriseInference.ingressClassName",
            reason: /^must be an IngressClass of the cluster, which has none, got 'nginx'$/,
        },
    },
    {
        what: "the class of NGINX's own Ingress that is missing",
        gateway: { kind: "nginx", exposure: { ingressClass: "nginxx" } },
        refused: {
            path: "gateway.exposure.ingressClass",
            reason: /which has nginx, apisix, got 'nginxx'; did you mean 'nginx'\?$/,
        },
    },
    {
        what: "a class that version 1 of the controller of APISIX knows by name",
        gateway: apisix,
        cluster: {
            "/apis/apisix.apache.org/v1alpha1": undefined,
            [`${classes}/apisix`]: undefined,
        },
    },
    {
        what: "a host of another stack's Ingress",
        gateway: ingress,
        cluster: {
            "/apis/networking.k8s.io/v1/ingresses": elsewhere({
                rules: [{ host: "mcp.example.org" }],
            }),
        },
        refused: host,
    },
    {
        what: "a host of another stack's Ingress, for NGINX behind an Ingress",
        gateway: nginxBehindIngress,
        cluster: {
            "/apis/networking.k8s.io/v1/ingresses": elsewhere({
                rules: [{ host: "mcp.example.org" }],
            }),
        },
        refused: host,
    },
    {
        what: "a host of another stack's Ingress, for NGINX with a port of its own",
        gateway: nginx,
        cluster: {
            "/apis/networking.k8s.io/v1/ingresses": elsewhere({
                rules: [{ host: "mcp.example.org" }],
            }),
        },
    },
    {
        what: "a server's host that another stack has",
        gateway: ingress,
        servers: [{}, { host: "tides.example.org" }],
        cluster: {
            "/apis/networking.k8s.io/v1/ingresses": elsewhere({
                rules: [{ host: "tides.example.org" }, {}],
            }),
        },
        refused: {
            path: "servers[1].host",
            reason: /got 'tides.example.org', which Ingress 'shop\/web' has; choose another host$/,
        },
    },
    {
        what: "a host of another stack's VirtualServer",
        gateway: f5,
        cluster: {
            "/apis/k8s.nginx.org/v1/virtualservers": elsewhere({ host: "mcp.example.org" }),
        },
        refused: host,
    },
    {
        what: "a host of another stack's ApisixRoute",
        gateway: apisix,
        cluster: {
            "/apis/apisix.apache.org/v2/apisixroutes": elsewhere({
                http: [{ match: { hosts: ["mcp.example.org"] } }],
            }),
        },
        refused: host,
    },
    {
        what: "a host beside models of Enterprise-Inference",
        gateway: fronted,
        cluster: {
            "/apis/networking.k8s.io/v1/ingresses": elsewhere({
                rules: [{ host: "mcp.example.org" }],
            }),
        },
    },
];

describe("findClusterProblems", () => {
    for (const { what, gateway, servers = [], cluster = {}, refused } of cases) {
        it(`${refused === undefined ? "accepts" : "refuses"} ${what}`, async () => {
            const content = { ...complete, ...cluster } as typeof complete;
            const needs = {
                namespace: { namespace: "tools" },
                servers,
                gateway: { host: "mcp.example.org", tls: { secretName: "tls" }, ...gateway },
            } as unknown as ClusterNeeds;
            const problems = await findClusterProblems(needs, (path) =>
                Promise.resolve(content[path]),
            );
            assert.deepEqual(
                problems.map(({ path }) => path),
                refused === undefined ? [] : [refused.path],
            );
            if (refused !== undefined) assert.match(problems[0]!.reason, refused.reason);
        });
    }
});
