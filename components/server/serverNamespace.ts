import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { RegistryArgs } from "../image/args.ts";
import { buildDockerConfig } from "../image/pullLogin.ts";
import { findPullRegistryProblems, findRegistryProblems } from "../image/rules.ts";
import { restrictedNamespaceLabels } from "../pods/security.ts";
import { nameForStack } from "../pods/stackName.ts";
import { problemsUnder, refuseInvalidArgs } from "../problems/argProblem.ts";
import { checkInput, findInputProblems } from "../problems/inputs.ts";
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
    /**
     * Further registries that pods pull from, each with a login and a host of its own.
     *
     * @default []
     */
    pullRegistries?: RegistryArgs[];
}

/** Namespace of the servers, which admits `restricted` pods only, and its pull Secret. */
export class ServerNamespace extends pulumi.ComponentResource {
    /** Name of the namespace, known once it exists. */
    public readonly namespace: pulumi.Output<string>;
    /**
     * Name of the pull Secret; undefined without a registry password. It stays the same when a password changes: pods keep
     * running, as only the next pull needs the new one.
     */
    public readonly pullSecretName: pulumi.Output<string> | undefined;

    constructor(name: string, args: ServerNamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
        const { namespace, create = serverDefaults.createNamespace } = args;
        const { registry, pullRegistries = [] } = args;
        super("slipway:index:ServerNamespace", name, { namespace, create }, opts);
        refuseInvalidArgs(this, [
            ...problemsUnder(
                "registry",
                findInputProblems(registry?.address, findRegistryProblems),
            ),
            ...findPullRegistryProblems(args),
        ]);
        const child = { parent: this };

        this.namespace = create
            ? new k8s.core.v1.Namespace(
                  `${name}-namespace`,
                  { metadata: { name: namespace, labels: restrictedNamespaceLabels } },
                  { ...child, protect: args.protect ?? opts?.protect ?? serverDefaults.protect },
              ).metadata.name
            : pulumi.output(namespace);

        const logins = [
            ...(registry === undefined ? [] : [{ ...registry, path: "registry" }]),
            ...pullRegistries.map((one, index) => ({ ...one, path: `pullRegistries[${index}]` })),
        ].filter(({ password }) => password !== undefined);
        if (logins.length > 0) {
            const secretName = nameForStack("registry-login");
            const secretArgs = {
                metadata: { namespace: this.namespace, name: secretName },
                type: "kubernetes.io/dockerconfigjson",
                stringData: { ".dockerconfigjson": this.buildLogins(logins) },
            };
            new k8s.core.v1.Secret(`${name}-registry-login`, secretArgs, child);
            // Not the output of the Secret: a changed Secret is replaced, and all pods that depend on it would be as well.
            this.pullSecretName = pulumi.output(secretName);
        }
        this.registerOutputs({ namespace: this.namespace, pullSecretName: this.pullSecretName });
    }

    /** The logins, refused once their registries are known if these are invalid. */
    private buildLogins(logins: (RegistryArgs & { path: string })[]): pulumi.Output<string> {
        const checked = logins.map(({ path, address, ...login }) => ({
            ...login,
            address: checkInput(this, address, (known) =>
                problemsUnder(path, findRegistryProblems(known)),
            ),
        }));
        return buildDockerConfig(checked);
    }
}
