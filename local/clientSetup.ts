import {
    type ClientEndpoint,
    type ClientFiles,
    type ClientKind,
    clientKinds,
    type ClientName,
    describeRenewal,
    listClientVariables,
} from "../components/index.ts";
import type { StackOutputs } from "../verify/outputs.ts";
import { describeCommand, type Target } from "./commands.ts";

/** Checks the name of a client. */
export function readClient(name: string): ClientName {
    if (Object.hasOwn(clientKinds, name)) return name as ClientName;
    const names = Object.keys(clientKinds).join("', '");
    throw new Error(`client: must be one of '${names}', got '${name}'`);
}

/** The wanted server, or all of them where one configuration may contain several. */
export function chooseEndpoints(
    { endpoints, issuer }: StackOutputs,
    client: ClientName,
    wanted: string | undefined,
): ClientEndpoint[] {
    if (issuer === undefined) throw new Error("issuer: is no output yet; run 'npm run up' first");
    const names = Object.keys(endpoints);
    if (wanted !== undefined && !names.includes(wanted)) {
        throw new Error(`server: must be one of '${names.join("', '")}', got '${wanted}'`);
    }
    if (wanted === undefined && names.length > 1 && !clientKinds[client].several) {
        const { title } = clientKinds[client];
        throw new Error(`server: ${title} takes one of '${names.join("', '")}', got none`);
    }
    const chosen = wanted === undefined ? names : [wanted];
    return chosen.map((server) => ({ server, url: endpoints[server]!, issuer }));
}

/** What is left to do, and what happens when the token expires. */
export function describeSetup(
    client: ClientName,
    machine: string,
    files: ClientFiles,
    target: Target = { stack: "dev" },
): string[] {
    const token = (...args: string[]) => describeCommand("token", target, machine, ...args);
    const silent = (...args: string[]) => token(...args).replace("npm run", "npm run --silent");
    const { title, file, authorization }: ClientKind = clientKinds[client];
    const variables = Object.entries(listClientVariables(client, files)).map(
        ([name, value]) => `  ${name}  ${value}`,
    );
    const credentials = silent("--json", "--show-secret");
    const steps = {
        token: `  an access token: ${silent("--raw")}`,
        prompt: `  the access token that ${title} asks for: ${silent("--raw")}`,
        credentials:
            client === "claudeDesktop"
                ? `  the credentials file: (umask 077; ${credentials} > ${files.credentialsFile})`
                : `  id and secret: ${credentials}`,
    };
    return [
        "",
        `goes into: ${file}`,
        ...(variables.length === 0 ? [] : [`environment of ${title}:`, ...variables]),
        "get",
        steps[authorization],
        `when a token expires (${token()} shows its lifetime): ${describeRenewal(client)}`,
    ];
}
