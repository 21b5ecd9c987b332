import type { Log } from "../log/log.ts";
import type { AuthOptions } from "../options/authRules.ts";
import type { Authenticator } from "../auth/authenticator.ts";
import { openBearerAuth } from "../auth/bearerAuth.ts";
import { IdentityHeaders } from "../auth/identityHeaders.ts";
import { NoIdentity } from "../auth/noIdentity.ts";

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
