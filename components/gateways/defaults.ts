/** Values of gateway arguments that are left out. */
export const gatewayDefaults = {
    /** `address.port` */
    port: 443,
    /** `limits.concurrentCalls` of a route */
    concurrentCalls: 1000,
    /** `replicas` of the gateway */
    replicas: 2,
    /** NGINX image; open source is enough. */
    nginxImage: "nginx:1.31.3",
    /** `resources` of the gateway */
    resources: {
        requests: { cpu: "100m", memory: "64Mi" },
        limits: { cpu: "2", memory: "256Mi" },
    },
    /** The token verifier. */
    verifier: {
        replicas: 2,
        resources: {
            requests: { cpu: "50m", memory: "96Mi" },
            limits: { cpu: "1", memory: "256Mi" },
        },
    },
    /** A self-signed certificate. */
    certificate: {
        validDays: 365,
        /** Days before its end from which `pulumi up` replaces it. */
        renewalDays: 30,
    },
};
