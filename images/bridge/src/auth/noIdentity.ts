import { anonymous, type Principal } from "./principal.ts";
import type { Authenticator, AuthRefusal } from "./authenticator.ts";
import { buildStepUp } from "./stepUp.ts";

/** Knows nobody: every caller is the same, and none has a scope. */
export class NoIdentity implements Authenticator {
    readonly metadata = undefined;
    readonly ready = true;

    authenticate(): Principal {
        return anonymous;
    }

    stepUp(scopes: readonly string[]): AuthRefusal {
        return buildStepUp({ resource: undefined, scopes: [] }, scopes);
    }

    close(): void {
        // Nothing goes on in the background.
    }
}
