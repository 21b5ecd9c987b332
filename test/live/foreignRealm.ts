import KeycloakAdminClient from "@keycloak/keycloak-admin-client";
import { randomBytes } from "node:crypto";

import { requestAccessToken, requestToken } from "../stage/accessToken.ts";
import type { StackOutputs } from "../stage/outputs.ts";

const name = "live-test-stranger";
const clientId = "stranger";

/** Logs in as Keycloak's administrator, with the credentials of the environment. */
export async function connectAdmin(): Promise<KeycloakAdminClient> {
    const admin = new KeycloakAdminClient({ baseUrl: process.env["KEYCLOAK_URL"] });
    await admin.auth({
        grantType: "password",
        clientId: process.env["KEYCLOAK_CLIENT_ID"] ?? "admin-cli",
        username: process.env["KEYCLOAK_USER"],
        password: process.env["KEYCLOAK_PASSWORD"],
    });
    return admin;
}

/** A second realm of the same Keycloak that issues tokens for our audience: a forger with a real identity provider. */
export class ForeignRealm {
    readonly #secret = randomBytes(16).toString("hex");

    async create(audience: string): Promise<void> {
        const admin = await connectAdmin();
        await admin.realms.del({ realm: name }).catch(() => undefined);
        await admin.realms.create({ realm: name, enabled: true });
        await admin.clients.create({
            realm: name,
            clientId,
            secret: this.#secret,
            serviceAccountsEnabled: true,
            standardFlowEnabled: false,
            protocolMappers: [
                {
                    name: "audience",
                    protocol: "openid-connect",
                    protocolMapper: "oidc-audience-mapper",
                    config: {
                        "included.custom.audience": audience,
                        "access.token.claim": "true",
                    },
                },
            ],
        });
    }

    async remove(): Promise<void> {
        const admin = await connectAdmin();
        await admin.realms.del({ realm: name }).catch(() => undefined);
    }

    token(): Promise<string> {
        const base = process.env["KEYCLOAK_URL"];
        const endpoint = `${base}/realms/${name}/protocol/openid-connect/token`;
        return requestToken(endpoint, clientId, this.#secret);
    }

    /** A token of one of the stack's own clients that lives `seconds`; the client is left as it was. */
    async requestShortLivedToken(
        outputs: StackOutputs,
        client: string,
        seconds: number,
    ): Promise<string> {
        const admin = await connectAdmin();
        const { clientId, tokenEndpoint } = outputs.clients[client]!;
        const realm = /\/realms\/([^/]+)\//.exec(tokenEndpoint)![1]!;
        const [found] = await admin.clients.find({ realm, clientId });
        const before = { ...found!.attributes };
        const update = (attributes: Record<string, string>) =>
            admin.clients.update({ realm, id: found!.id! }, { ...found, attributes });
        await update({ ...before, "access.token.lifespan": String(seconds) });
        try {
            return await requestAccessToken(outputs, client);
        } finally {
            await update({ "access.token.lifespan": "", ...before });
        }
    }
}
