import type * as pulumi from "@pulumi/pulumi";

import type { IdentityProviderArgs, UserArgs } from "../components/index.ts";
import type { ArgProblem } from "../components/problems/argProblem.ts";
import { readSecret } from "./secrets.ts";
import { stackSettings } from "./stackSettings.ts";
import { readValidKeys } from "./validKeys.ts";

/** Users and identity providers with their passwords. */
export interface IdentitySecrets {
    users: UserArgs[];
    identityProviders: IdentityProviderArgs[];
    problems: ArgProblem[];
}

/** Configuration keys of the secrets that keys of `identity` name. */
export function listIdentitySecrets(settings: unknown): string[] {
    const identity = readValidKeys(stackSettings.shape.identity, settings);
    return [
        ...(identity.users ?? []).flatMap(({ initialPassword }) => initialPassword ?? []),
        ...(identity.identityProviders ?? []).map(({ clientSecret }) => clientSecret),
    ];
}

/** Reads the secrets that keys of `identity` name. */
export function readIdentitySecrets(settings: unknown, config: pulumi.Config): IdentitySecrets {
    const identity = readValidKeys(stackSettings.shape.identity, settings);
    const users = (identity.users ?? []).map(({ initialPassword: key, ...user }, index) => {
        if (key === undefined) return { value: user, problems: [] };
        const path = `identity.users[${index}].initialPassword`;
        const { value: initialPassword, problems } = readSecret(config, path, key);
        return { value: { ...user, initialPassword }, problems };
    });
    const providers = (identity.identityProviders ?? []).map(
        ({ clientSecret: key, ...provider }, index) => {
            const path = `identity.identityProviders[${index}].clientSecret`;
            const { value: clientSecret, problems } = readSecret(config, path, key);
            const found = clientSecret === undefined ? [] : [{ ...provider, clientSecret }];
            return { found, problems };
        },
    );
    return {
        users: users.map(({ value }) => value),
        identityProviders: providers.flatMap(({ found }) => found),
        problems: [...users, ...providers].flatMap(({ problems }) => problems),
    };
}
