import type KeycloakAdminClient from "@keycloak/keycloak-admin-client";
import { generateKeyPairSync } from "node:crypto";
import { SignJWT, importPKCS8 } from "jose";
import type { JWTPayload } from "jose";

import { eventually } from "./cluster.ts";

const providerType = "org.keycloak.keys.KeyProvider";

/** Signing keys that a test adds to a realm of its own. */
export class RealmKeys {
    readonly #admin: KeycloakAdminClient;
    readonly #realm: string;
    readonly #added: string[] = [];

    constructor(admin: KeycloakAdminClient, realm: string) {
        this.#admin = admin;
        this.#realm = realm;
    }

    /** Adds a key that Keycloak makes and signs with from now on; gives the id with which it is removed. */
    async rotate(): Promise<string> {
        return this.#add("rsa-generated", {});
    }

    /** Adds a key whose private half is known, and gives what signs with it as if the realm had. */
    async addKnown(): Promise<(claims: JWTPayload) => Promise<string>> {
        const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
        const pem = privateKey.export({ type: "pkcs8", format: "pem" });
        await this.#add("rsa", { privateKey: [String(pem)] });
        const der = publicKey.export({ type: "spki", format: "der" }).toString("base64");
        const { keys = [] } = await this.#admin.realms.getKeys({ realm: this.#realm });
        const kid = keys.find((key) => key.publicKey === der)?.kid;
        if (kid === undefined) throw new Error(`realm '${this.#realm}': must have the added key`);
        const key = await importPKCS8(String(pem), "RS256");
        return (claims) =>
            new SignJWT(claims).setProtectedHeader({ alg: "RS256", typ: "JWT", kid }).sign(key);
    }

    async remove(id: string): Promise<void> {
        await this.#admin.components.del({ realm: this.#realm, id });
        this.#added.splice(this.#added.indexOf(id), 1);
    }

    async removeAll(): Promise<void> {
        for (const id of [...this.#added]) await this.remove(id);
    }

    async #add(providerId: string, config: Record<string, string[]>): Promise<string> {
        const realm = await this.#admin.realms.findOne({ realm: this.#realm });
        const name = `live-test-${this.#added.length}-${providerId}`;
        const priority = String(1000 + this.#added.length);
        await this.#admin.components.create({
            realm: this.#realm,
            name,
            providerId,
            providerType,
            parentId: realm!.id!,
            config: {
                ...{ priority: [priority], enabled: ["true"], active: ["true"] },
                ...config,
            },
        });
        const found = await eventually("the added key", 20, async () =>
            (await this.#admin.components.find({ realm: this.#realm, name })).at(0),
        );
        this.#added.push(found.id!);
        return found.id!;
    }
}
