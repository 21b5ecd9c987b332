import * as z from "zod";

import { ApisixAuthentication } from "../components/gateways/apisix/args.ts";
import { apisixDefaults } from "../components/gateways/apisix/defaults.ts";
import { identityDefaults } from "../components/identity/defaults.ts";
import type { ArgProblem } from "../components/problems/argProblem.ts";
import type { Answer } from "./send.ts";
import type { StackConfig } from "./stackConfig.ts";

/** The parts of a stack that must agree with what its issuers publish. */
export type IssuerNeeds = Pick<StackConfig, "identity" | "gateway"> & {
    servers: { checkRevocation?: boolean }[];
};

/** Reads a discovery document; `unreachable` says why the issuer cannot be asked from here. */
export type ReadDocument = (url: string) => Promise<Answer | { unreachable: string }>;

/** The published members that are compared (OpenID Connect Discovery 1.0, RFC 8414). */
const document = z.object({
    issuer: z.string(),
    jwks_uri: z.url(),
    introspection_endpoint: z.url().optional(),
});

/** An address that pods use and the issuer publishes too. */
interface UsedAddress {
    /** Its configuration key. */
    path: string;
    member: "jwks_uri" | "introspection_endpoint";
    url: string;
    /** Whether it stands in the configuration; otherwise it is where Keycloak has it. */
    isGiven: boolean;
}

interface ConfiguredIssuer {
    /** Key of the configuration below which it stands. */
    path: string;
    issuer: string;
    addresses: UsedAddress[];
    /** Realm that the stack creates, which therefore may not be there yet. */
    created?: string;
    /** Whether pods read its keys from an address of their own, so that it need not be reachable from here. */
    hasOwnKeys: boolean;
}

/** What was found: problems are refused, warnings are printed. */
export interface DiscoveryFindings {
    problems: ArgProblem[];
    warnings: ArgProblem[];
}

/** Compares issuers, their keys and introspection endpoints with what the issuers publish, as their tokens are refused otherwise. */
export async function compareIssuers(
    needs: IssuerNeeds,
    read: ReadDocument,
): Promise<DiscoveryFindings> {
    const found = await Promise.all(listIssuers(needs).map((one) => compareIssuer(one, read)));
    return {
        problems: found.flatMap(({ problems }) => problems),
        warnings: found.flatMap(({ warnings }) => warnings),
    };
}

function listIssuers({ identity, gateway, servers }: IssuerNeeds): ConfiguredIssuer[] {
    const { issuer, jwksUri, introspection, furtherIssuers = [], realm } = identity;
    const authentication =
        (gateway.kind === "apisix" ? gateway.authentication : undefined) ??
        ApisixAuthentication.forwardAuth;
    const first = {
        path: "identity",
        issuer,
        created: (realm?.create ?? identityDefaults.createRealm) ? realm?.name : undefined,
        hasOwnKeys: jwksUri !== undefined,
    };
    if (authentication !== ApisixAuthentication.forwardAuth) {
        const { introspectionEndpoint: endpoint } =
            (gateway.kind === "apisix" ? gateway.openidConnect : undefined) ?? {};
        const path = "gateway.openidConnect.introspectionEndpoint";
        const standard = apisixDefaults.introspectionEndpoint(issuer);
        const asks = authentication === ApisixAuthentication.introspection;
        return [{ ...first, addresses: asks ? [introspectedAt(path, endpoint, standard)] : [] }];
    }
    const keys = keysAt("identity", issuer, jwksUri);
    const standard = identityDefaults.introspectionEndpoint(keys.url);
    const asked = introspectedAt(
        "identity.introspection.endpoint",
        introspection?.endpoint,
        standard,
    );
    const isAsked = servers.some(({ checkRevocation }) => checkRevocation);
    return [
        { ...first, addresses: isAsked ? [keys, asked] : [keys] },
        ...furtherIssuers.map((further, index) => {
            const path = `identity.furtherIssuers[${index}]`;
            const { issuer, jwksUri } = further;
            const addresses = [keysAt(path, issuer, jwksUri)];
            const hasOwnKeys = jwksUri !== undefined;
            return { path, issuer, addresses, hasOwnKeys };
        }),
    ];
}

function keysAt(path: string, issuer: string, given: string | undefined): UsedAddress {
    const url = given ?? identityDefaults.jwksUri(issuer);
    return { path: `${path}.jwksUri`, member: "jwks_uri", url, isGiven: given !== undefined };
}

function introspectedAt(path: string, given: string | undefined, standard: string): UsedAddress {
    const url = given ?? standard;
    return { path, member: "introspection_endpoint", url, isGiven: given !== undefined };
}

async function compareIssuer(
    configured: ConfiguredIssuer,
    read: ReadDocument,
): Promise<DiscoveryFindings> {
    const { issuer, created, hasOwnKeys } = configured;
    const path = `${configured.path}.issuer`;
    const url = discoveryOf(issuer);
    const found = await read(url);
    const isMissing = created !== undefined && "status" in found && found.status === 404;
    const answer = isMissing ? await readAsMaster(issuer, created, read) : found;
    const failure = describeFailure(answer);
    if (failure !== undefined) {
        if (created !== undefined) return { problems: [], warnings: [] };
        const { isUnreachable, what } = failure;
        const repair = isUnreachable
            ? "correct it, or set 'jwksUri' beside it if only pods reach the issuer"
            : "correct it; of a Keycloak, its realm must be there";
        const reason = `must publish a discovery document, got '${issuer}', where '${url}' ${what}; ${repair}`;
        return isUnreachable && hasOwnKeys
            ? { problems: [], warnings: [{ path, reason }] }
            : { problems: [{ path, reason }], warnings: [] };
    }
    const published = readPublished(answer);
    if (published === undefined) {
        const reason =
            `must publish a discovery document with 'issuer' and 'jwks_uri', got '${issuer}', ` +
            `where '${url}' has neither or no JSON; correct it`;
        return { problems: [{ path, reason }], warnings: [] };
    }
    const reason =
        `must be what the issuer calls itself in its tokens, '${published.issuer}', got '${issuer}' ` +
        `(${describeDifference(issuer, published.issuer)}); write it like that, or correct the issuer ` +
        "(of Keycloak, 'hostname' and 'proxy-headers')";
    return {
        problems: [
            ...(published.issuer === issuer ? [] : [{ path, reason }]),
            ...configured.addresses.flatMap((used) => compareAddress(used, issuer, published)),
        ],
        warnings: [],
    };
}

function discoveryOf(issuer: string): string {
    return `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
}

/** What Keycloak will publish for a realm that is not there yet: the same as for the one that always is, but for its name. */
async function readAsMaster(
    issuer: string,
    realm: string,
    read: ReadDocument,
): ReturnType<ReadDocument> {
    const master = issuer.replace(/\/realms\/[^/]*$/, "/realms/master");
    const answer = await read(discoveryOf(master));
    return "body" in answer
        ? { ...answer, body: answer.body.replaceAll("/realms/master", `/realms/${realm}`) }
        : answer;
}

function describeFailure(
    answer: Awaited<ReturnType<ReadDocument>>,
): { isUnreachable: boolean; what: string } | undefined {
    if ("unreachable" in answer) {
        return { isUnreachable: true, what: `does not answer: ${answer.unreachable}` };
    }
    const { status, location } = answer;
    if (status === 200) return undefined;
    // Of an issuer that is closed to this machine, or down, nothing can be said.
    const isUnreachable = [401, 403, 407, 429].includes(status) || status >= 500;
    const leading = location === undefined ? "" : `, leading to '${location}'`;
    return { isUnreachable, what: `answers with status ${status}${leading}` };
}

function readPublished(answer: Awaited<ReturnType<ReadDocument>>) {
    try {
        return document.parse(JSON.parse("body" in answer ? answer.body : ""));
    } catch {
        return undefined;
    }
}

function compareAddress(
    { path, member, url, isGiven }: UsedAddress,
    issuer: string,
    published: z.infer<typeof document>,
): ArgProblem[] {
    const other = published[member];
    if (other === undefined) {
        const reason = `must be given, as '${issuer}' publishes no '${member}', got none`;
        return isGiven ? [] : [{ path, reason }];
    }
    if (url === other || isSameElsewhere(url, other, issuer)) return [];
    const got = isGiven ? `'${url}'` : `none, which stands for '${url}'`;
    const reason =
        `must be the '${member}' of '${issuer}', '${other}', or the same path at an address for pods, got ${got} ` +
        `(${describeDifference(url, other)}); set it to the former, or correct the issuer`;
    return [{ path, reason }];
}

/** Whether pods reach the same thing at a host of their own; a proxy in front may add a prefix to its path. */
function isSameElsewhere(url: string, published: string, issuer: string): boolean {
    const [own, other] = [new URL(url), new URL(published)];
    const isOwn = own.host !== other.host && own.host !== new URL(issuer).host;
    const ends = other.pathname.endsWith(own.pathname) || own.pathname.endsWith(other.pathname);
    return isOwn && own.pathname !== "/" && other.pathname !== "/" && ends;
}

/** The parts in which two URLs differ, as a slash at the end is easily overlooked. */
function describeDifference(one: string, other: string): string {
    if (!URL.canParse(one) || !URL.canParse(other)) return "no URL";
    const [a, b] = [new URL(one), new URL(other)];
    const parts = [
        a.protocol === b.protocol ? [] : ["scheme"],
        a.host === b.host ? [] : ["host or port"],
        a.pathname === b.pathname ? [] : [differsBySlash(one, other) ? "'/' at the end" : "path"],
    ].flat();
    return `another ${parts.join(" and ") || "spelling"}`.replace("another '/'", "one has '/'");
}

function differsBySlash(one: string, other: string): boolean {
    return one.replace(/\/$/, "") === other.replace(/\/$/, "");
}
