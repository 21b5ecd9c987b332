import { findCallFinding, findHandshakeFinding } from "./callChecks.ts";
import { gatherEvidence } from "./evidence.ts";
import type { Check, Finding } from "./finding.ts";
import type { Patient } from "./patient.ts";
import {
    findCertificateFinding,
    findClusterFinding,
    findGatewayFinding,
    findRegistryFinding,
} from "./platformChecks.ts";
import {
    findMetricsFinding,
    findPodFinding,
    findProbeFinding,
    findPullFinding,
    type Judged,
} from "./podChecks.ts";
import { findAudienceFinding, findKeycloakFinding, findTokenFinding } from "./tokenChecks.ts";

/** What is examined, in this order: each check relies on those before it. */
export const checks: readonly Check[] = [
    { name: "cluster", find: findClusterFinding },
    { name: "registry", find: findRegistryFinding },
    { name: "image pull", find: ofPods(findPullFinding) },
    { name: "pods", find: ofPods(findPodFinding) },
    { name: "probes", find: ofPods(findProbeFinding) },
    { name: "metrics", find: ofPods(findMetricsFinding) },
    { name: "gateway", find: findGatewayFinding },
    { name: "certificate", find: findCertificateFinding },
    { name: "Keycloak", find: findKeycloakFinding },
    { name: "token", find: findTokenFinding },
    { name: "audience", find: findAudienceFinding },
    { name: "handshake", find: findHandshakeFinding },
    { name: "tool call", find: findCallFinding },
];

/** Examines a stack until something is wrong. Resolves to that and the name of its check, or to nothing. */
export async function examine(
    patient: Patient,
    print: (line: string) => void = console.log,
): Promise<(Finding & { check: string }) | undefined> {
    for (const { name, find } of checks) {
        const finding = await find(patient);
        if (finding !== undefined) {
            print(`✖ ${name}: ${finding.what}`);
            print(`    why: ${finding.why}`);
            print(`    repair: ${finding.repair}`);
            return { check: name, ...finding };
        }
        print(`✔ ${name}`);
    }
    return undefined;
}

/** A check of the namespace, which is read anew: pods change while others are examined. */
function ofPods(judge: (judged: Judged) => Finding | undefined): Check["find"] {
    return async (patient) => {
        const evidence = await gatherEvidence(patient);
        const { servers, commands } = patient;
        return judge({ evidence, servers, commands });
    };
}
