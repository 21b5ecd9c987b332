import * as pulumi from "@pulumi/pulumi";
import { rootCertificates } from "node:tls";

import { identityDefaults } from "../components/identity/defaults.ts";
import { describeProblems } from "../components/problems/argProblem.ts";
import { type ClusterNeeds, findClusterProblems, type ReadCluster } from "./clusterRules.ts";
import { compareIssuers, type IssuerNeeds, type ReadDocument } from "./discoveryRules.ts";
import { openCluster, UnreadableError } from "./readCluster.ts";
import { answerWithinMs, openAgent, send } from "./send.ts";
import type { StackConfig } from "./stackConfig.ts";

/**
 * Refuses a stack whose cluster lacks what its gateway needs, or whose issuers publish something else than is configured;
 * all problems at once, before anything is created. What the cluster does not tell is not refused: it may be created
 * later, or may be closed to this user. Nor is an issuer whose realm is created with the stack and not there yet.
 */
export async function preflight(
    needs: ClusterNeeds & IssuerNeeds & Pick<StackConfig, "provider" | "proxies">,
    read: ReadCluster = openCluster(needs.provider),
): Promise<void> {
    const [cluster, issuers] = await Promise.all([
        ignoreUnreadable(findClusterProblems(needs, read)),
        readAuthority(needs.identity.ca, read).then((authority) =>
            // Without the certificate of a private authority, its issuers cannot be told from others.
            authority === undefined
                ? undefined
                : compareIssuers(needs, openIssuers(authority, needs.proxies)),
        ),
    ]);
    const { problems = [], warnings = [] } = issuers ?? {};
    for (const warning of warnings) {
        await pulumi.log.warn(describeProblems([warning]).trim());
    }
    const refused = [...(cluster ?? []), ...problems];
    if (refused.length > 0) {
        throw new pulumi.RunError(
            `configuration of stack '${pulumi.getStack()}':\n${describeProblems(refused)}`,
        );
    }
}

function ignoreUnreadable<T>(reading: Promise<T>): Promise<T | undefined> {
    return reading.catch((error: unknown) => {
        if (error instanceof UnreadableError) return undefined;
        throw error;
    });
}

/** Certificates that are trusted besides the public ones; undefined while those of the configuration cannot be read. */
async function readAuthority(
    ca: StackConfig["identity"]["ca"],
    read: ReadCluster,
): Promise<string[] | undefined> {
    if (ca === undefined) return [];
    if ("certificate" in ca) return [ca.certificate];
    const { configMap, namespace, key = identityDefaults.caKey } = ca;
    const found = await ignoreUnreadable(
        read(`/api/v1/namespaces/${namespace}/configmaps/${configMap}`),
    );
    const certificate = found?.data?.[key];
    return certificate === undefined ? undefined : [certificate];
}

function openIssuers(authority: string[], proxies: StackConfig["proxies"]): ReadDocument {
    return async (address) => {
        const url = new URL(address);
        const agent = openAgent(url, proxies, [...rootCertificates, ...authority]);
        const signal = AbortSignal.timeout(answerWithinMs);
        try {
            return await send(url, { agent, signal });
        } catch (error) {
            return { unreachable: describeError(error as NodeJS.ErrnoException) };
        }
    };
}

function describeError({ message, code = "", name }: NodeJS.ErrnoException): string {
    if (/^(AbortError|TimeoutError)$/.test(name))
        return `no answer within ${answerWithinMs / 1000} s`;
    const isUntrusted = /CERT|VERIFY|SELF_SIGNED/.test(code);
    const hint = isUntrusted ? ", signed by an authority that 'identity.ca' does not name" : "";
    return (message || code || name) + hint;
}
