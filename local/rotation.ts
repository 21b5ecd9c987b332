import type { Stack, UpOptions } from "@pulumi/pulumi/automation/index.js";

interface StateResource {
    urn: string;
    type: string;
    parent?: string;
    inputs?: Record<string, unknown>;
}

/** Types of the resources with the password of a machine client. */
const types = {
    password: "random:index/randomPassword:RandomPassword",
    client: "keycloak:openid/client:Client",
    secret: "kubernetes:core/v1:Secret",
};

/**
 * Replaces the password of a machine client in Keycloak and in its Secret; nothing else of the stack is touched. From then
 * on Keycloak refuses the former password. Tokens that it gave live on until they expire.
 *
 * Throws when the stack, as it is deployed, has no such client.
 */
export async function rotateClient(
    stack: Stack,
    clientId: string,
    shown: Pick<UpOptions, "onOutput" | "onEvent" | "color"> = {},
): Promise<void> {
    const state = (await stack.exportStack()) as { deployment: { resources?: StateResource[] } };
    const { resources = [] } = state.deployment;
    const machines = resources.filter(({ type }) => type === "slipway:index:MachineClient");
    const parts = machines.map(({ urn }) => {
        const find = (type: string): StateResource | undefined =>
            resources.find((one) => one.parent === urn && one.type === type);
        const client = find(types.client);
        return {
            id: client?.inputs?.["clientId"],
            client,
            ...{ password: find(types.password), secret: find(types.secret) },
        };
    });
    const found = parts.find(({ id }) => id === clientId);
    if (found?.client === undefined || found.password === undefined || found.secret === undefined) {
        const known = parts.map(({ id }) => `'${String(id)}'`).join(", ");
        throw new Error(`client: must be one of ${known || "none"}, got '${clientId}'`);
    }
    const target = [found.password.urn, found.client.urn, found.secret.urn];
    await stack.up({ replace: [found.password.urn], target, ...shown });
}
