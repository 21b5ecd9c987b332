import type * as pulumi from "@pulumi/pulumi";

import type { Route } from "../route.ts";

/** What either controller is given. */
export interface CarriedRoutes {
    /** Namespace of the gateway. */
    namespace: pulumi.Input<string>;
    labels: Record<string, string>;
    routes: (Route & { host: string })[];
    /** Hosts of the routes and of the gateway. */
    hosts: string[];
    ingressClassName: string;
    annotations: Record<string, pulumi.Input<string>>;
    /** Secret with the certificate, in the namespace of the gateway. */
    certificateName: pulumi.Input<string>;
    /** The token verifier: its address, and its Service in the namespace of the gateway. */
    verifier: {
        url: pulumi.Output<string>;
        serviceName: pulumi.Output<string>;
        port: number;
    };
}

/** What is known of the routes once they are created. */
export interface CreatedRoutes {
    /** Public host name or IP address of the controller; undefined where its objects do not tell. */
    address: pulumi.Output<string> | undefined;
}
