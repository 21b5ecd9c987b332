import { randomBytes } from "node:crypto";
import type { BrowserContext } from "playwright-core";

import { connectAdmin } from "../testRun/keycloakAdmin.ts";
import { openBrowser } from "../support/browser.ts";
import type { OpenBrowser } from "../support/browser.ts";

/** A user of a realm, with a browser. */
export class Person {
    readonly #realm: string;
    readonly #keycloak: string | undefined;
    readonly #name = `person-${randomBytes(4).toString("hex")}`;
    readonly #password = randomBytes(16).toString("hex");
    #id = "";
    #opened: OpenBrowser | undefined;
    #context: BrowserContext | undefined;

    /**
     * @param keycloak - Address of the realm's Keycloak; by default the platform's.
     */
    constructor(realm: string, keycloak?: string) {
        this.#realm = realm;
        this.#keycloak = keycloak;
    }

    /** Creates the user, and opens a browser that trusts these authorities (PEM). */
    async arrive(authorities: string): Promise<void> {
        const admin = await connectAdmin(this.#keycloak);
        const { id } = await admin.users.create({
            realm: this.#realm,
            username: this.#name,
            enabled: true,
            email: `${this.#name}@example.org`,
            emailVerified: true,
            firstName: "Test",
            lastName: "Person",
            credentials: [{ type: "password", value: this.#password }],
        });
        this.#id = id;
        this.#opened = await openBrowser(authorities);
        await this.forget();
    }

    async leave(): Promise<void> {
        await this.#opened?.close();
        const admin = await connectAdmin(this.#keycloak);
        await admin.users.del({ realm: this.#realm, id: this.#id });
    }

    /** Subject of this person's tokens. */
    get subject(): string {
        return this.#id;
    }

    /** Drops all cookies, as a new browser would have none. */
    async forget(): Promise<void> {
        await this.#context?.close();
        this.#context = await this.#opened?.browser.newContext();
    }

    /**
     * Opens an authorization URL, logs in where Keycloak asks for it, and agrees to what the program asks for, until the
     * browser is sent to `redirectUri`. Returns the scopes that Keycloak asked about.
     */
    async authorize(url: string | URL, redirectUri: string): Promise<string[]> {
        const page = await this.#context!.newPage();
        const asked: string[] = [];
        try {
            await page.goto(String(url));
            while (!page.url().startsWith(redirectUri)) {
                const password = page.locator("#password");
                const accept = page.locator("[name=accept]");
                await password.or(accept).first().waitFor({ timeout: 20_000 });
                if (await password.isVisible()) {
                    await page.locator("#username").fill(this.#name);
                    await password.fill(this.#password);
                    await page.locator("#kc-login").click();
                } else {
                    asked.push(...(await page.locator("#kc-oauth li").allInnerTexts()));
                    await accept.click();
                }
                await page.waitForLoadState();
            }
            return asked;
        } catch (error) {
            const text = await page.locator("body").innerText();
            throw new Error(`login stopped at '${page.url()}':\n${text}`, { cause: error });
        } finally {
            await page.close();
        }
    }
}
