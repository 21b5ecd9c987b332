import { type ArgProblem, problemsUnder } from "../problems/argProblem.ts";
import { findEnumProblems, findNameProblems } from "../problems/values.ts";
import { findCalledServerProblems } from "./calledServers.ts";
import { identityDefaults } from "./defaults.ts";
import { type InteractiveAccess, InteractiveProgram } from "./interactiveAccess.ts";

/** What the rules need of an identity. */
interface CheckedPeople {
    realm?: object;
    servers: object;
    clients?: { name: string }[];
    interactive?: InteractiveAccess;
}

/** Refuses a client for people in a realm that is administered elsewhere, or with contradictions. */
export function findPeopleProblems(identity: CheckedPeople): ArgProblem[] {
    const { realm, servers, clients = [], interactive } = identity;
    if (interactive === undefined) {
        return [];
    }
    if (realm === undefined) {
        const reason = "must be absent when the realm is administered elsewhere; give 'adminUrl'";
        return [{ path: "interactive", reason }];
    }
    const machines = clients.map(({ name }) => name);
    return problemsUnder(
        "interactive",
        findInteractiveProblems(interactive, { servers: Object.keys(servers), machines }),
    );
}

/** The names that the client of people must not contradict. */
interface Surroundings {
    /** Names of the servers of the stack. */
    servers: string[];
    /** Client ids of its machine clients. */
    machines: string[];
}

/** Refuses a client by which a login could reach someone else, or whose names contradict others. */
export function findInteractiveProblems(
    access: InteractiveAccess,
    { servers, machines }: Surroundings,
): ArgProblem[] {
    const { clientId = identityDefaults.interactive.clientId, redirects = [] } = access;
    const { redirectUris = [], webOrigins = [], servers: called = [] } = access;
    return [
        ...findNameProblems("clientId", clientId, 50),
        ...(machines.includes(clientId)
            ? [{ path: "clientId", reason: `must not be a machine client, got '${clientId}'` }]
            : []),
        ...(redirects.length + redirectUris.length === 0
            ? [{ path: "redirects", reason: "must have an entry, or 'redirectUris', got none" }]
            : []),
        ...redirects.flatMap((program, index) =>
            findEnumProblems(`redirects[${index}]`, program, InteractiveProgram),
        ),
        ...redirectUris.flatMap((uri, index) =>
            findRedirectProblems(`redirectUris[${index}]`, uri),
        ),
        ...webOrigins.flatMap((origin, index) =>
            findOriginProblems(`webOrigins[${index}]`, origin),
        ),
        ...findCalledServerProblems(called, servers),
    ];
}

const loopbackHosts = ["localhost", "127.0.0.1", "[::1]"];

/** Whether a URL leads to the machine of the browser itself. */
function isLoopback({ hostname }: URL): boolean {
    return loopbackHosts.includes(hostname);
}

/** Refuses a redirect URI that could hand an authorization code to someone else. */
export function findRedirectProblems(path: string, uri: string): ArgProblem[] {
    const refuse = (rule: string) => [{ path, reason: `${rule}, got '${uri}'` }];
    if (!URL.canParse(uri)) {
        return refuse("must be an absolute URI");
    }
    const url = new URL(uri);
    const { protocol } = url;
    if (uri.includes("#")) {
        return refuse("must not have a fragment");
    }
    if (url.username !== "" || url.password !== "") {
        return refuse("must not hold a user or password");
    }
    if (url.host.includes("*")) {
        return refuse("must name one host, without '*'");
    }
    if (protocol === "http:" && !isLoopback(url)) {
        return refuse("must have https unless its host is localhost, 127.0.0.1 or [::1]");
    }
    // A page of a browser would run such a URI, or open a file.
    if (["javascript:", "data:", "vbscript:", "file:", "blob:", "about:"].includes(protocol)) {
        return refuse("must have https, http of this machine, or a scheme of the program's own");
    }
    const isPattern = uri.includes("*");
    return isPattern && !(isLoopback(url) && uri.indexOf("*") === uri.length - 1)
        ? refuse("must be exact; only a URI of this machine may end with '*'")
        : [];
}

function findOriginProblems(path: string, origin: string): ArgProblem[] {
    const reason = `must be scheme, host and port alone, such as 'https://app.example.org', got '${origin}'`;
    const isOrigin =
        URL.canParse(origin) && new URL(origin).origin === origin && !origin.includes("*");
    return isOrigin ? [] : [{ path, reason }];
}
