/** Values of Ingress gateway arguments that are left out. */
export const ingressDefaults = {
    ingressClassName: "nginx",
    /** Pods of each controller, as its Helm chart installs them. */
    pods: {
        "ingress-nginx": {
            namespace: "ingress-nginx",
            labels: { "app.kubernetes.io/name": "ingress-nginx" },
        },
        "nginx-inc": {
            namespace: "nginx-ingress",
            labels: { "app.kubernetes.io/name": "nginx-ingress" },
        },
    },
};
