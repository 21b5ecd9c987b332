import { findUnsupported } from "../protocol/inputRules.ts";
import type { CheckFailure } from "../protocol/provider.ts";
import { isValues, objectOf } from "../protocol/values.ts";
import type { Value, Values } from "../protocol/values.ts";

interface Setting {
    key: string;
    default: boolean | number;
}

/** Inputs of `securityDefenses.bruteForceDetection`: the key in Keycloak, and the default of the official provider. */
const settings: Record<string, Setting> = {
    permanentLockout: { key: "permanentLockout", default: false },
    maxLoginFailures: { key: "failureFactor", default: 30 },
    waitIncrementSeconds: { key: "waitIncrementSeconds", default: 60 },
    quickLoginCheckMilliSeconds: { key: "quickLoginCheckMilliSeconds", default: 1000 },
    minimumQuickLoginWaitSeconds: { key: "minimumQuickLoginWaitSeconds", default: 60 },
    maxFailureWaitSeconds: { key: "maxFailureWaitSeconds", default: 900 },
    failureResetTimeSeconds: { key: "maxDeltaTimeSeconds", default: 43_200 },
};

/** Adds the default values of the detection, where it is set. */
export function completeSecurityDefenses(inputs: Values): Values {
    const { bruteForceDetection: given } = objectOf(inputs, "securityDefenses");
    if (!isValues(given)) return inputs;
    const bruteForceDetection = { ...mapSettings((one) => one.default), ...given };
    return {
        ...inputs,
        securityDefenses: { ...objectOf(inputs, "securityDefenses"), bruteForceDetection },
    };
}

/** Refuses security defenses other than the detection. */
export function findSecurityDefenseProblems(inputs: Values): CheckFailure[] {
    const defenses = objectOf(inputs, "securityDefenses");
    const detection = objectOf(defenses, "bruteForceDetection");
    const prefix = "securityDefenses.";
    return [
        ...findUnsupported("keycloak", defenses, ["bruteForceDetection"], prefix),
        ...findUnsupported(
            "keycloak",
            detection,
            Object.keys(settings),
            `${prefix}bruteForceDetection.`,
        ),
    ];
}

/** Writes the detection into a realm; without it, Keycloak's is off. */
export function writeBruteForceDetection(inputs: Values, representation: Values): Values {
    const { bruteForceDetection: given } = objectOf(inputs, "securityDefenses");
    if (!isValues(given)) return { ...representation, bruteForceProtected: false };
    const written: Values = {};
    for (const [name, { key }] of Object.entries(settings)) written[key] = given[name] ?? null;
    return { ...representation, ...written, bruteForceProtected: true };
}

/** Reads the detection of a realm; nothing when it is off. */
export function readBruteForceDetection(representation: Values): Values {
    if (representation["bruteForceProtected"] !== true) return {};
    const bruteForceDetection = mapSettings(({ key }) => representation[key] ?? null);
    return { securityDefenses: { bruteForceDetection } };
}

function mapSettings(map: (setting: Setting) => Value): Values {
    const mapped: Values = {};
    for (const [name, setting] of Object.entries(settings)) mapped[name] = map(setting);
    return mapped;
}
