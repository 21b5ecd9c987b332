import { objectOf, textOf } from "../providers/protocol/values.ts";
import type { Values } from "../providers/protocol/values.ts";
import { conditionOf } from "../readiness/conditions.ts";
import { findPodProblems, type PodProblem } from "../readiness/podProblems.ts";
import { serverRules } from "../readiness/serverRules.ts";
import type { NamespaceEvidence } from "./evidence.ts";
import type { Finding } from "./finding.ts";
import type { Commands } from "./patient.ts";

/** What the checks of pods judge: the namespace, the names of servers that it should have, and commands. */
export interface Judged {
    evidence: NamespaceEvidence;
    servers: readonly string[];
    commands: Commands;
}

const pullReasons = /\b(ErrImagePull|ImagePullBackOff|ErrImageNeverPull|InvalidImageName)\b/;
const metricsReasons =
    /^(FailedGetResourceMetric|FailedGetScale|InvalidMetric|FailedComputeMetrics)/;

/** An image that a node cannot pull. */
export function findPullFinding({ evidence, commands }: Judged): Finding | undefined {
    const problem = findPodProblems(evidence, serverRules).find(({ text }) =>
        pullReasons.test(text),
    );
    if (problem === undefined) return undefined;
    const isRefused = /\b40[13]\b|unauthori[sz]ed|denied|forbidden/i.test(problem.text);
    return {
        what: "a node cannot pull an image",
        why: problem.text,
        repair: isRefused
            ? `npm run secret -- registryPassword, then ${commands.deploy}`
            : commands.restore,
    };
}

/** A server without pods, and pods that do not start or do not keep running. */
export function findPodFinding(judged: Judged): Finding | undefined {
    const { evidence, servers, commands } = judged;
    const absent = findAbsent(evidence, servers);
    if (absent !== undefined) return { ...absent, repair: commands.restore };
    const problem = findPodProblems(evidence, serverRules).find(
        ({ text }) => !pullReasons.test(text) && !isProbeProblem(text),
    );
    return problem === undefined
        ? undefined
        : {
              what: describePods(problem),
              why: problem.text,
              repair: repairPods(problem, commands),
          };
}

/** Pods that run and whose health checks fail. */
export function findProbeFinding({ evidence, commands }: Judged): Finding | undefined {
    const problem = findPodProblems(evidence, serverRules).find(({ text }) => isProbeProblem(text));
    return problem === undefined
        ? undefined
        : {
              what: "a pod runs, but its health check fails",
              why: problem.text,
              repair: `${commands.kubectl} logs ${podOf(problem)}; correct 'port' or 'healthPath' of the server, then ${commands.restore}`,
          };
}

/** An autoscaler that cannot measure or cannot scale its pods. */
export function findMetricsFinding({ evidence, commands }: Judged): Finding | undefined {
    for (const autoscaler of evidence.autoscalers) {
        const failing = ["AbleToScale", "ScalingActive"]
            .map((type) => conditionOf(autoscaler, type))
            .find((one) => one?.status === "False" && metricsReasons.test(one.reason));
        if (failing === undefined || isStarting(failing.message)) continue;
        return {
            what: `the autoscaler '${nameOf(autoscaler)}' cannot do its work`,
            why: `${failing.reason}: ${failing.message}`,
            repair: /metrics\.k8s\.io|no metrics returned|unable to fetch metrics/.test(
                failing.message,
            )
                ? `${commands.kubectl.replace(/ -n .*/, "")} -n kube-system get pods (metrics-server must run), then ${commands.restore}`
                : commands.restore,
        };
    }
    return undefined;
}

/** A program that ends by itself fails its health checks as well; one that they end is told apart by the liveness probe. */
function isProbeProblem(text: string): boolean {
    const endsByItself = /ended with code/.test(text) && !/Unhealthy: Liveness/.test(text);
    return !endsByItself && /runs but is not ready|\bUnhealthy\b/.test(text);
}

/** Metrics of a pod are there a minute after its start. */
function isStarting(message: string): boolean {
    return /did not receive metrics for|no metrics returned|not yet ready/.test(message);
}

function findAbsent(
    { owners }: NamespaceEvidence,
    servers: readonly string[],
): Pick<Finding, "what" | "why"> | undefined {
    for (const server of servers) {
        const owner = owners.find((one) => labelOf(one, "app.kubernetes.io/name") === server);
        if (owner === undefined) {
            return { what: `server '${server}' has no pods`, why: "its Deployment does not exist" };
        }
    }
    const stopped = owners.find((one) => objectOf(one, "spec")["replicas"] === 0);
    if (stopped === undefined) return undefined;
    return {
        what: `'${labelOf(stopped, "app.kubernetes.io/name")}' has no pods`,
        why: `its Deployment '${nameOf(stopped)}' is scaled to 0`,
    };
}

/** What is wrong, by the words of the reason. */
const descriptions: readonly [RegExp, string][] = [
    [/OOMKilled/, "a pod needs more memory than its limit"],
    [/CrashLoopBackOff|ended with code/, "a server's program ends instead of serving"],
    [/Unschedulable/, "no node has room for a pod"],
    [/CreateContainerConfigError|FailedMount/, "a pod refers to something that does not exist"],
    [/FailedCreate/, "the namespace refuses a pod"],
    [
        /StartError|RunContainerError|ContainerCannotRun|CreateContainerError/,
        "a pod's command cannot be started",
    ],
];

function describePods({ text }: PodProblem): string {
    return descriptions.find(([words]) => words.test(text))?.[1] ?? "a pod is not ready";
}

function repairPods(problem: PodProblem, commands: Commands): string {
    const { text } = problem;
    if (/OOMKilled/.test(text)) {
        return `raise 'resources.limits.memory' of the server, then ${commands.restore}`;
    }
    if (/CrashLoopBackOff|ended with code/.test(text)) {
        return `${commands.kubectl} logs ${podOf(problem)} --previous; correct the server or its 'command', then ${commands.restore}`;
    }
    if (/Unschedulable/.test(text)) {
        return `lower 'resources.requests' of the server or add a node, then ${commands.restore}`;
    }
    return commands.restore;
}

function podOf({ text }: PodProblem): string {
    return /^pod '([^']+)'/.exec(text)?.[1] ?? "";
}

function nameOf(object: Values): string {
    return textOf(objectOf(object, "metadata"), "name") ?? "";
}

function labelOf(object: Values, label: string): string | undefined {
    return textOf(objectOf(objectOf(object, "metadata"), "labels"), label);
}
