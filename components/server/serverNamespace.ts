import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { RegistryArgs } from "../image/args.ts";
import { restrictedNamespaceLabels } from "../pods/security.ts";
import { serverDefaults } from "./defaults.ts";

export interface ServerNamespaceArgs {
    /** Name of the namespace. Plain, because other places refer to it (DNS names, `kubectl`). */
    namespace: string;
    /**
     * Whether the namespace is created, and removed with the stack; `false` uses an existing one unchanged. Plain,
     * because it decides what is created.
     *
     * @default `serverDefaults.createNamespace`
     */
    create?: boolean;
    /**
     * Whether Pulumi refuses to delete the created namespace, and with it all that is in it. Plain, because it decides what
     * the engine does.
     *
     * @default `serverDefaults.protect`
     */
    protect?: boolean;
    /**
     * Registry that pods pull from. With a password, a pull Secret is created.
     *
     * @default none; nodes pull without login
     */
    registry?: RegistryArgs;
}

/** Namespace of the servers, which admits `restricted` pods only, and its pull Secret. */
export class ServerNamespace extends pulumi.ComponentResource {
    /** Name of the namespace, known once it exists. */
    public readonly namespace: pulumi.Output<string>;
    /** Name of the pull Secret; undefined without a registry password. */
    public readonly pullSecretName: pulumi.Output<string> | undefined;

    constructor(name: string, args: ServerNamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
        const { namespace, create = serverDefaults.createNamespace, registry } = args;
        super("slipway:index:ServerNamespace", name, { namespace, create }, opts);
        const child = { parent: this };

        this.namespace = create
            ? new k8s.core.v1.Namespace(
                  `${name}-namespace`,
                  { metadata: { name: namespace, labels: restrictedNamespaceLabels } },
                  { ...child, protect: args.protect ?? opts?.protect ?? serverDefaults.protect },
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
    // Logins are per host; a path such as `ghcr.io/acme` is part of the repository.
    const [host = address] = address.split("/");
    return pulumi.secret(pulumi.jsonStringify({ auths: { [host]: { username, password } } }));
}
