import type { ArgProblem } from "../../problems/argProblem.ts";
import { didYouMean } from "../../problems/didYouMean.ts";
import { findNameProblems } from "../../problems/values.ts";
import {
    ApisixAuthentication,
    type ApisixInstallArgs,
    type CallerLimits,
    type EnterpriseInferenceArgs,
    type OpenidConnectArgs,
    type ToolLimit,
} from "./args.ts";

/** The arguments that the rules check, beside address and routes. */
export interface CheckedApisix {
    ingressClassName?: string;
    authentication?: ApisixAuthentication;
    openidConnect?: OpenidConnectArgs;
    callerLimits?: CallerLimits;
    toolLimits?: ToolLimit[];
    enterpriseInference?: EnterpriseInferenceArgs;
    install?: ApisixInstallArgs;
}

/** Refuses what APISIX or its controller would refuse; `servers` are the names of the routes. */
export function findApisixProblems(apisix: CheckedApisix, servers: string[]): ArgProblem[] {
    const { ingressClassName, toolLimits = [], enterpriseInference = {}, install } = apisix;
    const names = {
        ingressClassName,
        "enterpriseInference.namespace": enterpriseInference.namespace,
    };
    return [
        ...Object.entries(names).flatMap(([path, name]) =>
            name === undefined ? [] : findNameProblems(path, name, 63),
        ),
        ...findAuthenticationProblems(apisix),
        ...Object.entries(apisix.callerLimits ?? {}).flatMap(([limit, value]) =>
            findCountProblem(`callerLimits.${limit}`, value as number | undefined),
        ),
        ...toolLimits.flatMap((limit, index) =>
            findToolLimitProblems(`toolLimits[${index}]`, limit, servers),
        ),
        ...(install === undefined ? [] : findInstallProblems(install)),
    ];
}

function findAuthenticationProblems({
    authentication = ApisixAuthentication.forwardAuth,
    openidConnect,
}: CheckedApisix): ArgProblem[] {
    const known: string[] = Object.values(ApisixAuthentication);
    if (!known.includes(authentication)) {
        const choices = known.map((name) => `'${name}'`).join(" or ");
        return [{ path: "authentication", reason: `must be ${choices}, got '${authentication}'` }];
    }
    const introspects = authentication === ApisixAuthentication.introspection;
    if (introspects && openidConnect?.clientSecretName === undefined) {
        const reason =
            "must name the Secret of the client that introspects (client_id, client_secret), got none; " +
            "with authentication 'jwks' there is no need of one";
        return [{ path: "openidConnect.clientSecretName", reason }];
    }
    if (authentication === ApisixAuthentication.forwardAuth && openidConnect !== undefined) {
        const reason =
            "must go with authentication 'jwks' or 'introspection', got 'forwardAuth'; remove one of the two";
        return [{ path: "openidConnect", reason }];
    }
    return [];
}

/** What only the token verifier can do. */
interface VerifierWork {
    authentication?: ApisixAuthentication;
    furtherIssuers?: unknown[];
    servers: { checkRevocation?: boolean }[];
}

/**
 * Refuses what the plugin `openid-connect` would ignore: it knows one issuer, and asks it about revocation only by
 * introspection. `path` is that of the servers.
 */
export function findUnverifiedProblems(
    path: string,
    {
        authentication = ApisixAuthentication.forwardAuth,
        furtherIssuers = [],
        servers,
    }: VerifierWork,
): ArgProblem[] {
    if (authentication === ApisixAuthentication.forwardAuth) return [];
    const mode = `authentication '${authentication}'`;
    const issuers =
        `must be empty for APISIX with ${mode}, whose plugin knows one issuer, got ${furtherIssuers.length}; ` +
        "remove them, or choose 'forwardAuth'";
    const revocation = `must be absent for APISIX with ${mode}, which asks no issuer, got true; choose 'forwardAuth' or 'introspection'`;
    const unasked = authentication === ApisixAuthentication.introspection ? [] : servers;
    return [
        ...(furtherIssuers.length === 0
            ? []
            : [{ path: "identity.furtherIssuers", reason: issuers }]),
        ...unasked.flatMap(({ checkRevocation }, index) =>
            checkRevocation
                ? [{ path: `${path}[${index}].checkRevocation`, reason: revocation }]
                : [],
        ),
    ];
}

function findToolLimitProblems(
    path: string,
    { server, tools, calls, seconds }: ToolLimit,
    servers: string[],
): ArgProblem[] {
    const problems = [
        ...findCountProblem(`${path}.calls`, calls),
        ...findCountProblem(`${path}.seconds`, seconds),
    ];
    if (!servers.includes(server)) {
        const reason = `must be the name of a server, got '${server}'${didYouMean(server, servers)}`;
        problems.push({ path: `${path}.server`, reason });
    }
    if (tools.length === 0) {
        problems.push({ path: `${path}.tools`, reason: "must have at least one entry, got none" });
    }
    for (const tool of tools) {
        if (!/^[\w./-]{1,128}$/.test(tool)) {
            const reason = `must be names of tools (letters, digits and '_-./'), got '${tool}'`;
            problems.push({ path: `${path}.tools`, reason });
        }
    }
    return problems;
}

const serviceTypes = ["LoadBalancer", "NodePort", "ClusterIP"];

function findInstallProblems({ serviceType, chartVersion, namespace }: ApisixInstallArgs) {
    const problems =
        namespace === undefined ? [] : findNameProblems("install.namespace", namespace, 63);
    if (serviceType !== undefined && !serviceTypes.includes(serviceType)) {
        const choices = serviceTypes.map((type) => `'${type}'`).join(" or ");
        const reason = `must be ${choices}, got '${serviceType}'`;
        problems.push({ path: "install.serviceType", reason });
    }
    if (chartVersion !== undefined && !/^\d+\.\d+\.\d+$/.test(chartVersion)) {
        const reason = `must be one version such as '2.14.0', got '${chartVersion}'`;
        problems.push({ path: "install.chartVersion", reason });
    }
    return problems;
}

function findCountProblem(path: string, value: number | undefined): ArgProblem[] {
    return value === undefined || (Number.isInteger(value) && value >= 1)
        ? []
        : [{ path, reason: `must be a whole number from 1, got ${value}` }];
}
