import { findAuthProblems } from "./authRules.ts";
import { findPolicyProblems } from "./policyRules.ts";
import type { BridgeOptions } from "./bridgeOptions.ts";

/** An origin as browsers send it. */
const originForm = /^[a-z][a-z0-9+.-]*:\/\/[^/?#@\sA-Z*]+$/;

/** Finds options that do not go together; those that could not be read are left out. */
export function findOptionProblems(options: Partial<BridgeOptions>): string[] {
    const {
        command = [],
        identity,
        issuer,
        audience,
        isolation,
        peers = [],
        address,
        keyFile,
        keyEnvironment,
        childEnvironment = [],
        corsOrigins = [],
    } = options;
    const problems: string[] = [];
    if (command.length === 0) {
        problems.push("command: must follow '--', e.g. 'slipway-bridge -- mcp-server-fetch'");
    }
    if (identity === "token" && !issuer) {
        problems.push("--issuer (SLIPWAY_ISSUER): must be given for --identity token, got none");
    }
    if (issuer && !audience) {
        problems.push(
            "--audience (SLIPWAY_AUDIENCE): must be given with --issuer, or a token for any other server would do; got none",
        );
    }
    if (isolation === "principal" && identity === "none") {
        problems.push(
            "--isolation (SLIPWAY_ISOLATION): 'principal' must know who calls; give --issuer, or --identity headers behind a gateway",
        );
    }
    if (keyFile && keyEnvironment) {
        problems.push(
            `--key-env (SLIPWAY_KEY_ENV): must be left out with --key-file, or it is not clear which key counts; got both`,
        );
    }
    if (keyEnvironment && childEnvironment.includes(keyEnvironment)) {
        problems.push(
            `--child-env (SLIPWAY_CHILD_ENV): must not name the variable of --key-env, or the server would get the key; got '${keyEnvironment}'`,
        );
    }
    if (peers.length > 0 && !(address && (keyFile || keyEnvironment))) {
        problems.push(
            "--peers (SLIPWAY_PEERS): must come with --address and --key-file or --key-env, by which replicas find and trust each other",
        );
    }
    const wrong = corsOrigins.filter((origin) => origin !== "*" && !originForm.test(origin));
    if (wrong.length > 0) {
        problems.push(
            `--cors-origins (SLIPWAY_CORS_ORIGINS): must be origins as browsers send them, such as 'https://inspector.example.org', without path and in lower case, or '*'; got '${wrong.join("', '")}'`,
        );
    }
    return [...problems, ...findAuthProblems(options), ...findPolicyProblems(options)];
}
