import { apisixDefaults } from "../components/gateways/apisix/defaults.ts";
import { ingressDefaults } from "../components/gateways/ingress/defaults.ts";
import type { ArgProblem } from "../components/problems/argProblem.ts";
import { didYouMean } from "../components/problems/didYouMean.ts";
import type { StackConfig } from "./stackConfig.ts";

/** An object of the cluster, as far as the rules read it. */
export interface ClusterObject {
    metadata: { name: string; namespace?: string };
    spec?: {
        host?: string;
        rules?: { host?: string }[];
        http?: { match?: { hosts?: string[] } }[];
    };
}

/** Reads the cluster: the object or list at a path of the API; undefined when it does not exist. */
export type ReadCluster = (
    path: string,
) => Promise<{ type?: string; items?: ClusterObject[]; data?: Record<string, string> } | undefined>;

/** The parts of a stack that depend on objects which the cluster must have. */
export type ClusterNeeds = Pick<StackConfig, "gateway" | "namespace"> & {
    servers: { host?: string }[];
};

const ingresses = "/apis/networking.k8s.io/v1/ingresses";
const virtualServers = "/apis/k8s.nginx.org/v1/virtualservers";
const apisixRoutes = "/apis/apisix.apache.org/v2/apisixroutes";

/** Refuses a gateway whose certificate, class or definitions the cluster lacks, or whose host another stack has. */
export async function findClusterProblems(
    needs: ClusterNeeds,
    read: ReadCluster,
): Promise<ArgProblem[]> {
    const problems = await Promise.all([
        findCertificateProblems(needs, read),
        findDefinitionProblems(needs, read),
        findClassProblems(needs, read),
        findHostConflicts(needs, read),
    ]);
    return problems.flat();
}

async function findCertificateProblems(
    { gateway, namespace }: ClusterNeeds,
    read: ReadCluster,
): Promise<ArgProblem[]> {
    if (!("secretName" in gateway.tls) || isIssued(gateway)) return [];
    const { secretName } = gateway.tls;
    const fronted = gateway.kind === "apisix" ? gateway.enterpriseInference : undefined;
    const place =
        fronted === undefined
            ? namespace.namespace
            : (fronted.namespace ?? apisixDefaults.enterpriseInference.namespace);
    // Of a namespace that is not there yet, nothing can be.
    if ((await read(`/api/v1/namespaces/${place}`)) === undefined) return [];
    const found = await read(`/api/v1/namespaces/${place}/secrets/${secretName}`);
    if (found?.type === "kubernetes.io/tls") return [];
    const got = found === undefined ? "which does not exist" : `of type '${found.type}'`;
    const reason =
        `must be a Secret of type 'kubernetes.io/tls' in namespace '${place}', got '${secretName}', ${got}; create it by ` +
        `'kubectl -n ${place} create secret tls ${secretName} --cert=FILE --key=FILE', or set { selfSigned: true }`;
    return [{ path: "gateway.tls.secretName", reason }];
}

/** Whether cert-manager makes the certificate, once its Ingress is there. */
function isIssued(gateway: ClusterNeeds["gateway"]): boolean {
    const annotations = {
        ...(gateway.kind === "nginx" ? gateway.ingressAnnotations : {}),
        ...(gateway.kind === "ingress" ? gateway.annotations : {}),
        ...(gateway.kind === "apisix" ? gateway.enterpriseInference?.annotations : {}),
    };
    return Object.keys(annotations).some((key) => key.startsWith("cert-manager.io/"));
}

async function findDefinitionProblems(
    { gateway }: ClusterNeeds,
    read: ReadCluster,
): Promise<ArgProblem[]> {
    if (gateway.kind === "apisix" && gateway.install === undefined) {
        if ((await read("/apis/apisix.apache.org/v2")) !== undefined) return [];
        const reason =
            "must go with the CustomResourceDefinitions of APISIX (apisix.apache.org/v2), got 'apisix' in a cluster " +
            "without them; install its Ingress controller, or set 'gateway.install: {}'";
        return [{ path: "gateway.kind", reason }];
    }
    if (gateway.kind !== "ingress" || gateway.flavor !== "nginx-inc") return [];
    if ((await read("/apis/k8s.nginx.org/v1")) !== undefined) return [];
    const reason =
        "must go with the CustomResourceDefinitions of F5's controller (k8s.nginx.org/v1), got 'nginx-inc' in a cluster " +
        "without them; install the controller, or choose kind 'nginx' with exposure { ingressClass }";
    return [{ path: "gateway.flavor", reason }];
}

async function findClassProblems(
    { gateway }: ClusterNeeds,
    read: ReadCluster,
): Promise<ArgProblem[]> {
    const wanted = await listClasses(gateway, read);
    const problems = wanted.map(async ({ path, name }) => {
        const classes = "/apis/networking.k8s.io/v1/ingressclasses";
        if ((await read(`${classes}/${name}`)) !== undefined) return [];
        const known = ((await read(classes))?.items ?? []).map(({ metadata }) => metadata.name);
        const has = known.length === 0 ? "which has none" : `which has ${known.join(", ")}`;
        const reason = `must be an IngressClass of the cluster, ${has}, got '${name}'${didYouMean(name, known)}`;
        return [{ path, reason }];
    });
    return (await Promise.all(problems)).flat();
}

async function listClasses(gateway: ClusterNeeds["gateway"], read: ReadCluster) {
    if (gateway.kind === "ingress") {
        const { ingressClassName: name = ingressDefaults.ingressClassName } = gateway;
        return [{ path: "gateway.ingressClassName", name }];
    }
    if (gateway.kind === "nginx") {
        const { exposure } = gateway;
        if (!("ingressClass" in exposure)) return [];
        return [{ path: "gateway.exposure.ingressClass", name: exposure.ingressClass }];
    }
    const { enterpriseInference: fronted, install } = gateway;
    const { ingressClassName: name = apisixDefaults.ingressClassName } = gateway;
    // Version 1 of the controller knows its class by name alone.
    const isNew =
        install === undefined && (await read("/apis/apisix.apache.org/v1alpha1")) !== undefined;
    const front = fronted?.ingressClassName ?? apisixDefaults.enterpriseInference.ingressClassName;
    return [
        ...(isNew ? [{ path: "gateway.ingressClassName", name }] : []),
        ...(fronted === undefined
            ? []
            : [{ path: "gateway.enterpriseInference.ingressClassName", name: front }]),
    ];
}

/** Stacks differ by namespace. Enterprise-Inference serves models at the same host, each by paths of its own. */
async function findHostConflicts(
    { gateway, namespace, servers }: ClusterNeeds,
    read: ReadCluster,
): Promise<ArgProblem[]> {
    // A gateway behind a Service of its own shares no host with anybody.
    if (gateway.kind === "nginx" && !("ingressClass" in gateway.exposure)) return [];
    if (gateway.kind === "apisix" && gateway.enterpriseInference !== undefined) return [];
    const taken = await listTakenHosts(namespace.namespace, read);
    const hosts = [
        { path: "gateway.host", host: gateway.host },
        ...servers.map(({ host = "" }, index) => ({ path: `servers[${index}].host`, host })),
    ];
    return hosts.flatMap(({ path, host }) => {
        const owner = taken.get(host);
        const reason = `must be a host that no other stack has, got '${host}', which ${owner} has; choose another host`;
        return owner === undefined ? [] : [{ path, reason }];
    });
}

/** The hosts that objects of other namespaces have, and one of these objects for each. */
async function listTakenHosts(namespace: string, read: ReadCluster): Promise<Map<string, string>> {
    const lists = { Ingress: ingresses, VirtualServer: virtualServers, ApisixRoute: apisixRoutes };
    const taken = Object.entries(lists).map(async ([kind, path]) =>
        ((await read(path))?.items ?? [])
            .filter(({ metadata }) => metadata.namespace !== namespace)
            .flatMap(({ metadata, spec }) => {
                const owner = `${kind} '${metadata.namespace}/${metadata.name}'`;
                return listHosts(spec).map((host): [string, string] => [host, owner]);
            }),
    );
    return new Map((await Promise.all(taken)).flat().reverse());
}

function listHosts(spec: ClusterObject["spec"] = {}): string[] {
    const rules = (spec.rules ?? []).map(({ host }) => host);
    const matches = (spec.http ?? []).flatMap(({ match }) => match?.hosts ?? []);
    return [spec.host, ...rules, ...matches].filter((host) => host !== undefined);
}
