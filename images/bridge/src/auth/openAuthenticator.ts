import type { Log } from "../log.ts";
import type { BridgeOptions } from "../options/bridgeOptions.ts";
import type { Authenticator } from "./authenticator.ts";
import { openBearerAuth } from "./bearerAuth.ts";
import { IdentityHeaders } from "./identityHeaders.ts";
import { NoIdentity } from "./noIdentity.ts";

/** The options that say who may call. */
export type AuthOptions = Pick<
    BridgeOptions,
    "identity" | "issuer" | "jwksUri" | "audience" | "scopes" | "path" | "server"
>;

/** Opens what tells who calls, as the options say. They must be free of problems. */
export async function openAuthenticator(options: AuthOptions, log: Log): Promise<Authenticator> {
    switch (options.identity) {
        case "token":
            return await openBearerAuth(options, log);
        case "headers":
            return new IdentityHeaders(options.audience || undefined);
        case "none":
            return new NoIdentity();
    }
}
