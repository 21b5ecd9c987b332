import * as pulumi from "@pulumi/pulumi";

import type { RegistryArgs } from "./args.ts";

/** Host of a registry: logins are per host, a path such as `ghcr.io/acme` is part of the repository. */
export function hostOf(address: string): string {
    return address.split("/")[0] ?? address;
}

/** Content of a pull Secret with a login for each registry. */
export function buildDockerConfig(registries: RegistryArgs[]): pulumi.Output<string> {
    const auths = pulumi
        .output(registries)
        .apply((known) =>
            Object.fromEntries(
                known.map(({ address, username, password }) => [
                    hostOf(address),
                    { username, password },
                ]),
            ),
        );
    return pulumi.secret(pulumi.jsonStringify({ auths }));
}
