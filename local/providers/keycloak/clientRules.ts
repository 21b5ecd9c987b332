import type { CheckFailure } from "../protocol/provider.ts";
import { containsUnknown } from "../protocol/values.ts";
import type { Value, Values } from "../protocol/values.ts";

const accessTypes = ["CONFIDENTIAL", "PUBLIC", "BEARER-ONLY"];
const challengeMethods = ["plain", "S256", ""];

const redirectFlows = ["standardFlowEnabled", "implicitFlowEnabled"];
const userFlows = [...redirectFlows, "directAccessGrantsEnabled"];
const flows = [...userFlows, "serviceAccountsEnabled"];

/** A rule across inputs that the official provider enforces. */
interface Rule {
    /** The input named in the error. */
    property: string;
    /** Other inputs of the rule; it is not applied while one of them is unknown. */
    others: readonly string[];
    isBroken: (inputs: Values) => boolean;
    /** What must hold. */
    reason: string;
}

const rules: Rule[] = [
    {
        property: "accessType",
        others: [],
        isBroken: ({ accessType = "" }) => !isOneOf(accessTypes, accessType),
        reason: `must be ${accessTypes.join(", ")}`,
    },
    {
        property: "pkceCodeChallengeMethod",
        others: [],
        isBroken: ({ pkceCodeChallengeMethod: method = "" }) => !isOneOf(challengeMethods, method),
        reason: "must be plain or S256",
    },
    {
        property: "accessType",
        others: flows,
        isBroken: (inputs) => inputs["accessType"] === "BEARER-ONLY" && hasOne(inputs, flows),
        reason: "must not be BEARER-ONLY for a client with a flow: such a client is issued no tokens",
    },
    {
        property: "serviceAccountsEnabled",
        others: ["accessType"],
        isBroken: (inputs) =>
            inputs["accessType"] === "PUBLIC" && inputs["serviceAccountsEnabled"] === true,
        reason: "must be false for a PUBLIC client",
    },
    {
        property: "validRedirectUris",
        others: redirectFlows,
        isBroken: (inputs) =>
            hasOne(inputs, redirectFlows) && !hasEntries(inputs["validRedirectUris"]),
        reason: "must have an entry where the standard or the implicit flow is enabled",
    },
    onlyWith("validRedirectUris", redirectFlows),
    onlyWith("webOrigins", userFlows),
    onlyWith("validPostLogoutRedirectUris", userFlows),
];

/**
 * Refuses clients that the official provider refuses.
 *
 * @see https://github.com/keycloak/terraform-provider-keycloak/blob/main/provider/resource_keycloak_openid_client.go
 */
export function findClientProblems(inputs: Values): CheckFailure[] {
    return rules
        .filter(
            ({ property, others, isBroken }) =>
                inputs["accessType"] !== undefined &&
                ![property, ...others].some((name) => containsUnknown(inputs[name])) &&
                isBroken(inputs),
        )
        .map(({ property, reason }) => {
            const got = JSON.stringify(inputs[property] ?? null);
            return { property, reason: `${reason}, got ${got}` };
        });
}

function onlyWith(property: string, wanted: readonly string[]): Rule {
    return {
        property,
        others: wanted,
        isBroken: (inputs) => hasEntries(inputs[property]) && !hasOne(inputs, wanted),
        reason: `must be empty unless ${wanted.join(" or ")} is true`,
    };
}

function hasOne(inputs: Values, properties: readonly string[]): boolean {
    return properties.some((property) => inputs[property] === true);
}

function hasEntries(value: unknown): boolean {
    return Array.isArray(value) && value.length > 0;
}

function isOneOf(texts: readonly string[], value: Value): boolean {
    return typeof value === "string" && texts.includes(value);
}
