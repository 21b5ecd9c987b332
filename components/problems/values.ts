import type { ArgProblem } from "./argProblem.ts";
import { didYouMean } from "./didYouMean.ts";

/** Whether a value is a whole number from `least` to `most`. */
export function isWithin(value: number, least: number, most: number): boolean {
    return Number.isInteger(value) && value >= least && value <= most;
}

/** Whether a number is a TCP port. */
export function isPort(port: number): boolean {
    return isWithin(port, 1, 65535);
}

/** Refuses an object that has more than one of these members, or none. `false` is as good as left out. */
export function findChoiceProblems<Choice extends object>(
    path: string,
    choice: Choice,
    members: (keyof Choice & string)[],
): ArgProblem[] {
    const given = members.filter(
        (member) => ![undefined, false].includes(choice[member] as boolean),
    );
    const reason = `must have exactly one of ${members.join(", ")}, got ${given.join(" and ") || "none"}`;
    return given.length === 1 ? [] : [{ path, reason }];
}

/** Refuses a value that is none of `choices`: programs in other languages are not held to types. */
export function findEnumProblems(
    path: string,
    value: string | undefined,
    choices: Record<string, string> | readonly string[],
): ArgProblem[] {
    const known = Object.values(choices);
    return value === undefined || known.includes(value)
        ? []
        : [
              {
                  path,
                  reason: `must be one of ${known.join(", ")}, got '${value}'${didYouMean(value, known)}`,
              },
          ];
}

/** Whether a path is absolute and has only characters that mean the same in URLs, probes and gateway rules. */
export function isPlainPath(path: string): boolean {
    return /^(\/[A-Za-z0-9._~-]+)+$/.test(path) && !/\/\.{1,2}(\/|$)/.test(path);
}

/** Whether a text is the name of an environment variable. */
export function isVariableName(name: string): boolean {
    return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
}

/** Whether a text is a URL with scheme http or https. */
export function isHttpUrl(text: string): boolean {
    return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

/** Refuses a name that is not a DNS label of at most `longest` characters. */
export function findNameProblems(path: string, name: string, longest: number): ArgProblem[] {
    return name.length <= longest && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name)
        ? []
        : [
              {
                  path,
                  reason: `must be at most ${longest} lower-case letters, digits or '-', got '${name}'`,
              },
          ];
}

/** Scopes that OpenID Connect or a new Keycloak realm already defines. */
const reservedScopes = [
    ...["openid", "profile", "email", "address", "phone", "offline_access", "roles", "web-origins"],
    ...["microprofile-jwt", "acr", "basic", "service_account", "organization"],
];

/** Refuses a list of scopes that is empty, or has one that cannot be the scope of a server. */
export function findScopeProblems(path: string, scopes: string[]): ArgProblem[] {
    if (scopes.length === 0) {
        return [{ path, reason: "must name at least one scope, got none" }];
    }
    return scopes.flatMap((scope) => {
        if (!/^[A-Za-z0-9:._/-]{1,100}$/.test(scope)) {
            return [{ path, reason: `must be letters, digits or any of ':._/-', got '${scope}'` }];
        }
        return reservedScopes.includes(scope)
            ? [{ path, reason: `must not be a scope that Keycloak already has, got '${scope}'` }]
            : [];
    });
}

const digestPattern = /@sha256:[0-9a-f]{64}$/;
const semanticTagPattern = /^v?\d+(\.\d+){0,3}([-+._][0-9A-Za-z][0-9A-Za-z.+_-]*)?$/;

/** Refuses an image reference that can change its content: without tag, `latest`, or a tag that is no version. */
export function findImageProblems(path: string, reference: string): ArgProblem[] {
    if (digestPattern.test(reference)) {
        return [];
    }
    const lastPart = reference.slice(reference.lastIndexOf("/") + 1);
    const [, tag] = lastPart.split(":");
    if (tag !== undefined && tag !== "latest" && semanticTagPattern.test(tag)) {
        return [];
    }
    const got = tag === undefined ? `no tag in '${reference}'` : `'${reference}'`;
    return [
        {
            path,
            reason: `must end with a version tag such as ':1.4.0' or a digest '@sha256:…', got ${got}`,
        },
    ];
}
