/** Values of APISIX gateway arguments that are left out. */
export const apisixDefaults = {
    ingressClassName: "apisix",
    /** Namespace of APISIX and its controller. */
    namespace: "apisix",
    /** Labels that the chart of APISIX gives its pods. */
    podLabels: { "app.kubernetes.io/name": "apisix" },
    /** Calls of one caller at the same time, open streams included, per APISIX pod. */
    concurrentCalls: 256,
    /** OpenID Connect discovery document of an issuer. */
    discovery: (issuer: string) => `${issuer}/.well-known/openid-configuration`,
    /** Introspection endpoint of a Keycloak realm. */
    introspectionEndpoint: (issuer: string) => `${issuer}/protocol/openid-connect/token/introspect`,
    /** The layout of Enterprise-Inference. */
    enterpriseInference: {
        namespace: "auth-apisix",
        ingressClassName: "nginx",
        serviceName: "auth-apisix-gateway",
        servicePort: 80,
    },
    /** An installation from the Helm chart. */
    install: {
        repository: "https://apache.github.io/apisix-helm-chart",
        chartVersion: "2.14.0",
        serviceType: "LoadBalancer",
    },
};
