/** Values of gateway arguments that are left out. */
export const gatewayDefaults = {
    /** `address.port` */
    port: 443,
    /** `replicas` of the gateway */
    replicas: 2,
    /** NGINX image; open source is enough. */
    nginxImage: "nginx:1.31.3",
    /** `replicas` of the token verifier */
    verifierReplicas: 2,
};
