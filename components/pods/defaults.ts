/** Values of the cluster's DNS that are left out. */
export const dnsDefaults = {
    clusterDomain: "cluster.local",
    /** Ports of the DNS pods. */
    dnsPorts: [53],
};
