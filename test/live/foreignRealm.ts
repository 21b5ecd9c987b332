import { randomBytes } from "node:crypto";

import { requestToken } from "../../verify/accessToken.ts";
import type { StackOutputs } from "../../verify/outputs.ts";
import { connectAdmin } from "../testRun/keycloakAdmin.ts";
import { testRun } from "../testRun/testRun.ts";

const clientId = "stranger";

/** A second realm of the same Keycloak that issues tokens for our audience: a forger with a real identity provider. */
export class ForeignRealm {
    readonly #name = `${testRun().name}-stranger`;
    readonly #secret = randomBytes(16).toString("hex");

    async create(audience: string): Promise<void> {
        const admin = await connectAdmin();
        await admin.realms.del({ realm: this.#name }).catch(() => undefined);
        await admin.realms.create({ realm: this.#name, enabled: true });
        await admin.clients.create({
            realm: this.#name,
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
        await admin.realms.del({ realm: this.#name }).catch(() => undefined);
    }

    token(): Promise<string> {
        const base = process.env["KEYCLOAK_URL"];
        const endpoint = `${base}/realms/${this.#name}/protocol/openid-connect/token`;
        return requestToken(endpoint, clientId, this.#secret);
    }
}

/**
 * A token for `server` from the stack's own realm that lives `seconds`, by a client made for it alone: changing one of
 * the stack's would be drift.
 */
export async function requestShortLivedToken(
    outputs: StackOutputs,
    server: string,
    seconds: number,
): Promise<string> {
    const admin = await connectAdmin();
    const { tokenEndpoint } = Object.values(outputs.clients)[0]!;
    const realm = /\/realms\/([^/]+)\//.exec(tokenEndpoint)![1]!;
    const secret = randomBytes(16).toString("hex");
    const { id } = await admin.clients.create({
        realm,
        clientId: "live-test-short",
        secret,
        serviceAccountsEnabled: true,
        standardFlowEnabled: false,
        defaultClientScopes: ["basic", `mcp:${server}`],
        attributes: { "access.token.lifespan": String(seconds) },
    });
    try {
        return await requestToken(tokenEndpoint, "live-test-short", secret);
    } finally {
        await admin.clients.del({ realm, id });
    }
}
