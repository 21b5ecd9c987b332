/** Repair and grace period for a reason that prevents a pod from being ready. */
export interface ReasonRule {
    /** Reason of a container's state, of a pod's condition, of its last event or of its owner's condition. */
    reasons: readonly string[];
    /** Pattern of the message beside the reason; any message when absent. */
    message?: RegExp;
    /**
     * Name that it shares with rules for the same problem, whose reasons change from poll to poll.
     *
     * @default the rule is a problem of its own
     */
    group?: string;
    /** The action that fixes it. */
    repair: string;
    /**
     * Seconds after which the wait fails: the reason does not resolve by itself, unless an object it needs is created
     * in the meantime, such as an image that is being pushed or a Secret of the same update.
     *
     * @default the wait goes on, as the reason may resolve at any time
     */
    graceSeconds?: number;
    /**
     * Repair and grace period that the pod's newest event and its log make more precise.
     *
     * @default those of the rule
     */
    refine?: (
        event: string,
        log: string,
    ) => Pick<ReasonRule, "repair" | "graceSeconds"> | undefined;
}

const pull = ["ErrImagePull", "ImagePullBackOff"];
const start = ["CreateContainerError", "RunContainerError", "StartError", "ContainerCannotRun"];

/** Time for objects that the same update creates. */
const sameUpdate = 60;
/** Time for a second poll of a permanent problem, as one poll may show an outdated state. */
const secondTry = 20;

/** Known reasons; the first match applies. Reasons without a rule are only reported. */
export const reasonRules: readonly ReasonRule[] = [
    {
        reasons: ["InvalidImageName"],
        repair: "correct the name of the image",
        graceSeconds: 0,
    },
    {
        reasons: ["ErrImageNeverPull"],
        repair: "load the image on the node, or let it be pulled (imagePullPolicy)",
        graceSeconds: secondTry,
    },
    {
        reasons: [...pull, "Failed"],
        message: /no space left on device/i,
        repair: "free space on the node's disk",
    },
    {
        reasons: pull,
        message:
            /unexpected commit digest|failed size validation|failed to read expected number of bytes|checksum/i,
        repair: "the registry's copy of the image is damaged: push the image again",
        graceSeconds: sameUpdate,
    },
    {
        reasons: pull,
        message: /no match for platform|no matching manifest/i,
        repair: "build the image for the processor of the node",
        graceSeconds: secondTry,
    },
    {
        reasons: pull,
        message: /\b40[13]\b|unauthori[sz]ed|forbidden|denied|authorization failed|no basic auth/i,
        repair: "give the pod a pull Secret that the registry takes, or correct the image's name",
        graceSeconds: sameUpdate,
    },
    {
        reasons: pull,
        // Not `no such host`: the name may resolve a minute later.
        message: /: not found|\b404\b|manifest unknown|name unknown|repository does not exist/i,
        repair: "push the image, or correct its name or tag",
        graceSeconds: sameUpdate,
    },
    {
        reasons: pull,
        message: /x509|HTTP response to HTTPS client/i,
        repair: "make the node trust the registry's certificate, and check the clock of both",
        graceSeconds: sameUpdate,
    },
    {
        reasons: ["CreateContainerConfigError"],
        message: /runAsNonRoot|non-numeric user/i,
        repair: "set runAsUser to a number other than 0, or give the image such a user",
        graceSeconds: 0,
    },
    {
        reasons: ["CreateContainerConfigError", "FailedMount"],
        message: /(secret|configmap) "[^"]*" not found|couldn't find key|references non-existent/i,
        repair: "create what the pod refers to, or correct the reference",
        graceSeconds: sameUpdate,
    },
    {
        reasons: ["FailedMount"],
        message: /hostPath type check failed/i,
        repair: "create the directory on the node",
        graceSeconds: sameUpdate,
    },
    {
        reasons: start,
        message:
            /executable file not found|no such file or directory|permission denied|exec format/i,
        repair: "correct the command of the container, or the image",
        graceSeconds: secondTry,
    },
    {
        reasons: ["FailedCreatePodSandBox"],
        message: /failed to find plugin/i,
        repair:
            "install the network plugins on the node where its runtime looks for them " +
            "(Debian: 'containernetworking-plugins')",
        graceSeconds: secondTry,
    },
    {
        reasons: ["FailedCreatePodSandBox", "FailedMount"],
        message: /no space left on device/i,
        repair: "free space on the node's disk",
    },
    {
        reasons: ["Unschedulable", "FailedScheduling"],
        message: /disk-pressure/,
        repair: "free space on the node's disk",
    },
    {
        reasons: ["Evicted"],
        message: /ephemeral-storage|disk/i,
        repair: "free space on the node's disk",
    },
    {
        reasons: ["Unschedulable"],
        message: /Insufficient (memory|cpu)/,
        repair: "stop other pods, lower what they request, or add a node",
    },
    {
        reasons: ["FailedCreate"],
        message: /violates PodSecurity|admission webhook .* denied/,
        repair: "change the pod so that the namespace's rules allow it",
        graceSeconds: secondTry,
    },
    {
        reasons: ["FailedCreate"],
        message: /serviceaccount "?[^"]*"? not found/i,
        repair: "create the service account, or correct its name",
        graceSeconds: sameUpdate,
    },
    {
        reasons: ["OOMKilled"],
        repair: "raise the memory limit of the container",
    },
];

/** The first rule that matches one of the reasons and its message. */
export function findRule(
    rules: readonly ReasonRule[],
    told: readonly { reason: string; message: string }[],
): ReasonRule | undefined {
    return rules.find(({ reasons, message }) =>
        told.some((one) => reasons.includes(one.reason) && (message?.test(one.message) ?? true)),
    );
}
