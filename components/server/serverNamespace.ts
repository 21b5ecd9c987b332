import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { restrictedNamespaceLabels } from "../pods/security.ts";
import type { RegistryArgs } from "../image/serverImage.ts";

export interface ServerNamespaceArgs {
    /** Name of the namespace. Plain, because it is written down elsewhere (DNS names, `kubectl`). */
    namespace: string;
    /**
     * Whether the namespace is made (and removed) here. `false` uses one that exists, as it is. Plain, because it
     * decides what is created.
     *
     * @default true
     */
    create?: boolean;
    /**
     * Registry that pods pull from. With a password, the Secret that lets them is made.
     *
     * @default none; every node can pull without a login
     */
    registry?: RegistryArgs;
}

/** Where servers live: a namespace that admits `restricted` pods only, and the login to its registry. */
export class ServerNamespace extends pulumi.ComponentResource {
    /** Name of the namespace, known when it exists. */
    public readonly namespace: pulumi.Output<string>;
    /** Name of the pull Secret; undefined when the registry asks for no login. */
    public readonly pullSecretName: pulumi.Output<string> | undefined;

    constructor(name: string, args: ServerNamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
        const { namespace, create = true, registry } = args;
        super("slipway:index:ServerNamespace", name, { namespace, create }, opts);
        const child = { parent: this };

        this.namespace = create
            ? new k8s.core.v1.Namespace(
                  `${name}-namespace`,
                  { metadata: { name: namespace, labels: restrictedNamespaceLabels } },
                  child,
              ).metadata.name
            : pulumi.output(namespace);

        if (registry?.password !== undefined) {
            const secretArgs = {
                metadata: { namespace: this.namespace },
                type: "kubernetes.io/dockerconfigjson",
                stringData: { ".dockerconfigjson": buildDockerConfig(registry) },
            };
            this.pullSecretName = new k8s.core.v1.Secret(
                `${name}-registry-login`,
                secretArgs,
                child,
            ).metadata.name;
        }
        this.registerOutputs({ namespace: this.namespace, pullSecretName: this.pullSecretName });
    }
}

function buildDockerConfig({ address, username, password }: RegistryArgs): pulumi.Output<string> {
    // The login belongs to the host; a path such as `ghcr.io/acme` is part of the repository.
    const [host = address] = address.split("/");
    return pulumi.secret(pulumi.jsonStringify({ auths: { [host]: { username, password } } }));
}
