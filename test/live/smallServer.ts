import type * as pulumi from "@pulumi/pulumi";

import { nginxGatewayPods, type ServerDeploymentArgs } from "../../components/index.ts";

/** A server of one pod that accepts connections and costs the node next to nothing, for tests of everything around it. */
export function smallServer(namespace: pulumi.Input<string>): ServerDeploymentArgs {
    return {
        namespace,
        gatewayPods: nginxGatewayPods,
        image: "nginx:1.31.3",
        command: ["perl", "-MIO::Socket::INET", "-e", acceptAndClose],
        replicas: { min: 1, max: 1 },
        resources: { requests: { cpu: "1m", memory: "8Mi" } },
        drainSeconds: 0,
        longestCallSeconds: 1,
        runAsUser: 1000,
    };
}

const acceptAndClose =
    "my $s = IO::Socket::INET->new(LocalPort => $ENV{PORT}, Listen => 8, ReuseAddr => 1) or die; " +
    "while (my $c = $s->accept) { close $c }";
