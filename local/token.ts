import { requestAccess } from "../verify/accessToken.ts";
import { parseOutputs } from "../verify/outputs.ts";
import { trustCertificates } from "../verify/verifyStack.ts";
import { readArguments } from "./arguments.ts";
import { runScript } from "./script.ts";
import { readStackOutputs } from "./stack.ts";
import { locateTarget, targetOptions, targetUsage } from "./target.ts";

await runScript(async () => {
    const { values, positionals } = readArguments(
        `npm run token -- CLIENT [--raw | --json] [--show-secret] ${targetUsage}`,
        {
            ...targetOptions,
            raw: { type: "boolean", default: false },
            json: { type: "boolean", default: false },
            "show-secret": { type: "boolean", default: false },
        },
        { min: 1, max: 1 },
    );
    const [client = ""] = positionals;
    const outputs = parseOutputs(await readStackOutputs(locateTarget(values), true));
    trustCertificates(outputs.caCertificates);
    const { accessToken, expiresInSeconds } = await requestAccess(outputs, client);
    if (values.raw) return console.log(accessToken);
    const { clientId, servers } = outputs.clients[client]!;
    // The names of RFC 6749, which programs that read a client's credentials from a file expect.
    const shown = {
        base_urls: [
            ...new Set(servers.map((server) => new URL(outputs.endpoints[server]!).origin)),
        ],
        client_id: clientId,
        ...(values["show-secret"] ? { client_secret: outputs.clientSecrets[client] } : {}),
        access_token: accessToken,
        expires_in: expiresInSeconds,
    };
    console.log(values.json ? JSON.stringify(shown, undefined, 2) : describe(shown));
});

/** One line per value. */
function describe(shown: {
    base_urls: string[];
    client_id: string;
    client_secret?: string;
    access_token: string;
    expires_in: number | undefined;
}): string {
    const lifetime = shown.expires_in === undefined ? "unknown" : `${shown.expires_in} seconds`;
    return [
        `base URL       ${shown.base_urls.join(", ")}`,
        `client id      ${shown.client_id}`,
        ...(shown.client_secret === undefined ? [] : [`client secret  ${shown.client_secret}`]),
        `token          ${shown.access_token}`,
        `lifetime       ${lifetime}`,
    ].join("\n");
}
