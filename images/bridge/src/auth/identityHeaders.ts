import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { BoundedMap } from "../collections/boundedMap.ts";
import { anonymous, type Principal } from "./principal.ts";
import type { Authenticator, AuthRefusal } from "./authenticator.ts";
import { countHeader } from "./countHeader.ts";
import { buildStepUp } from "./stepUp.ts";

const subjectHeader = "x-auth-subject";
const clientHeader = "x-auth-client";
const scopesHeader = "x-auth-scopes";

/** Callers remembered. */
const entryLimit = 10_000;
/** What identifies all of them, in bytes. */
const sizeLimit = 4 * 1024 * 1024;

interface Caller {
    client: string | undefined;
    scopes: string | undefined;
    principal: Principal;
}

/**
 * Believes the gateway in front about who calls: it verified the token, took away what a client sent by these names, and
 * set its own. Values stay as they come, with what no header can carry percent-encoded: they only tell callers apart.
 */
export class IdentityHeaders implements Authenticator {
    readonly metadata = undefined;
    readonly ready = true;
    private readonly resource: string | undefined;
    private readonly callers = new BoundedMap<Caller>({
        entries: entryLimit,
        size: sizeLimit,
        sizeOf: (key, { client = "", scopes = "" }) => key.length + client.length + scopes.length,
    });

    /** @param resource URL of the endpoint as clients use it, for challenges; undefined when it is not known */
    constructor(resource?: string) {
        this.resource = resource;
    }

    authenticate({ headers, rawHeaders }: IncomingMessage): Principal | AuthRefusal {
        const client = read(headers, clientHeader);
        // RFC 9068: a client that acts for itself is its own subject.
        const subject = read(headers, subjectHeader) ?? client;
        if (subject === undefined) {
            return anonymous;
        }
        const scopes = headers[scopesHeader] as string | undefined;
        const known = this.callers.get(subject);
        if (known !== undefined && known.client === client && known.scopes === scopes) {
            return known.principal;
        }
        for (const name of [subjectHeader, clientHeader, scopesHeader]) {
            if (countHeader(rawHeaders, name) > 1) {
                // A client's own header beside the gateway's: the gateway does not do what it must.
                const message = `must bring one ${name} header`;
                return { status: 400, headers: {}, error: "invalid_request", message };
            }
        }
        const list = scopes?.split(" ").filter((scope) => scope !== "");
        const principal = Object.freeze({ subject, client, scopes: list && Object.freeze(list) });
        this.callers.set(subject, { client, scopes, principal });
        return principal;
    }

    stepUp(scopes: readonly string[]): AuthRefusal {
        return buildStepUp({ resource: this.resource, scopes: [] }, scopes);
    }

    close(): void {
        // Nothing goes on in the background.
    }
}

/** A header that has something in it. Node joins the values of one that is not its own. */
function read(headers: IncomingHttpHeaders, name: string): string | undefined {
    return (headers[name] as string | undefined) || undefined;
}
