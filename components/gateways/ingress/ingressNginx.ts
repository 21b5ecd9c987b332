import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { corsMethods, exposedHeaders, preflightSeconds, requestHeaders } from "../cors.ts";
import { type ExposedStatus, findAddress, streamingAnnotations } from "../exposure.ts";
import { resourceMetadataPath } from "../gateway.ts";
import { identityHeaders, misleadingHeaders, verifiedHeaders } from "../headers.ts";
import type { Route } from "../route.ts";
import { buildPathPattern, buildTarget } from "./paths.ts";
import type { CarriedRoutes, CreatedRoutes } from "./carriedRoutes.ts";

/** Prefix of the annotations of ingress-nginx. */
const annotationPrefix = "nginx.ingress.kubernetes.io";

/** Creates up to three Ingresses per server: they merge by host, and their annotations differ. */
export function createIngresses(
    name: string,
    carried: CarriedRoutes,
    child: pulumi.CustomResourceOptions,
): CreatedRoutes {
    const { routes, verifier, annotations, labels } = carried;
    const create = (
        title: string,
        place: pulumi.Input<string>,
        own: Record<string, pulumi.Input<string>>,
        spec: k8s.types.input.networking.v1.IngressSpec,
    ) => {
        const all = { ...common(), ...own, ...annotations };
        const metadata = { namespace: place, labels, annotations: all };
        return new k8s.networking.v1.Ingress(`${name}-${title}`, { metadata, spec }, child);
    };
    const documents = routes.map((route) =>
        create(
            `${route.server}-metadata`,
            carried.namespace,
            annotate({ "rewrite-target": `/metadata/${route.server}` }),
            buildMetadataSpec(route, carried),
        ),
    );
    for (const route of routes) {
        const { server, namespace, publicPaths, openPaths } = route;
        const shared = { ...annotateCors(route), ...annotateForwarding(route) };
        const protectedPaths = buildSpec(route, publicPaths, carried);
        const own = { ...shared, ...annotateAuth(route, verifier.url) };
        create(server, namespace, own, protectedPaths);
        if (openPaths.length > 0) {
            const limited = annotate({ "proxy-body-size": "1k" });
            const open = { ...shared, ...limited };
            create(`${server}-open`, namespace, open, buildSpec(route, openPaths, carried));
        }
    }
    return {
        address: documents[0]?.status.apply((status: ExposedStatus | undefined) =>
            findAddress(status),
        ),
    };
}

function annotate<T>(values: Record<string, T>): Record<string, T> {
    return Object.fromEntries(
        Object.entries(values).map(([key, value]) => [`${annotationPrefix}/${key}`, value]),
    );
}

/** Streams pass at once; all paths of a host are regular expressions as soon as one is rewritten. */
function common(): Record<string, string> {
    const nginx = Object.entries(streamingAnnotations);
    return {
        ...Object.fromEntries(nginx.filter(([key]) => key.startsWith(annotationPrefix))),
        ...annotate({
            "proxy-request-buffering": "off",
            "use-regex": "true",
            "force-ssl-redirect": "true",
        }),
    };
}

function annotateForwarding(route: Route): Record<string, string> {
    const { limits, prefix, stripPrefix } = route;
    return annotate({
        "rewrite-target": buildTarget(route),
        "proxy-body-size": `${limits.bodyMebibytes}m`,
        "limit-rps": String(limits.requestsPerSecond),
        "limit-burst-multiplier": String(
            Math.max(1, Math.ceil(limits.burst / limits.requestsPerSecond)),
        ),
        ...(stripPrefix && prefix !== "" ? { "x-forwarded-prefix": prefix } : {}),
    });
}

function annotateCors({ cors }: Route): Record<string, string> {
    return annotate({
        "enable-cors": "true",
        "cors-allow-origin": cors.origins.includes("*") ? "*" : cors.origins.join(", "),
        "cors-allow-methods": corsMethods.join(", "),
        "cors-allow-headers": requestHeaders.join(","),
        "cors-expose-headers": exposedHeaders.join(", "),
        "cors-allow-credentials": "false",
        "cors-max-age": String(preflightSeconds),
    });
}

/**
 * The verifier decides. A header named here reaches the server as the verifier gave it, and not at all where it gave none:
 * that removes the token, and whatever identity a client claims.
 */
function annotateAuth({ server }: Route, verifier: pulumi.Output<string>) {
    const headers = [...verifiedHeaders, "Authorization", ...identityHeaders, ...misleadingHeaders];
    return annotate<pulumi.Input<string>>({
        "auth-url": verifier.apply((url) => `${url}/verify/${server}`),
        "auth-response-headers": headers.join(","),
    });
}

function buildSpec(
    route: Route & { host: string },
    paths: string[],
    { ingressClassName }: CarriedRoutes,
): k8s.types.input.networking.v1.IngressSpec {
    const backend = { service: { name: route.serviceName, port: { number: route.port } } };
    const path = buildPathPattern(route, paths);
    const http = { paths: [{ path, pathType: "ImplementationSpecific", backend }] };
    return { ingressClassName, rules: [{ host: route.host, http }] };
}

/** In the namespace of the gateway, where verifier and certificate are; the certificate is that of the host. */
function buildMetadataSpec(
    { host, resource }: Route & { host: string },
    { ingressClassName, verifier, certificateName }: CarriedRoutes,
): k8s.types.input.networking.v1.IngressSpec {
    const backend = { service: { name: verifier.serviceName, port: { number: verifier.port } } };
    const path = `${resourceMetadataPath(resource).replaceAll(".", "[.]")}$`;
    const http = { paths: [{ path, pathType: "ImplementationSpecific", backend }] };
    return {
        ingressClassName,
        tls: [{ hosts: [host], secretName: certificateName }],
        rules: [{ host, http }],
    };
}
