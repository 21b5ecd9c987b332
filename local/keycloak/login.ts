import { Agent, request } from "node:https";

import { retryLost } from "../lostConnection.ts";
import type { Administrator } from "./administrator.ts";

const openSeconds = 30;

/**
 * Logs in with the administrator's password, which checks TLS, the database and the credentials at once.
 *
 * @param authority - PEM text of the authority that signs Keycloak's certificate.
 */
export async function checkAdministrator(
    url: string,
    authority: string,
    { username, password }: Administrator,
): Promise<void> {
    const form = { grant_type: "password", client_id: "admin-cli", username, password };
    const endpoint = `${url}/realms/master/protocol/openid-connect/token`;
    const body = new URLSearchParams(form).toString();
    // The node port opens only a moment after the pod is ready.
    const answer = await retryLost(() => post(endpoint, authority, body), { seconds: openSeconds });
    if (answer.status === 200) return;
    const refused = answer.status === 401 || answer.text.includes("invalid_grant");
    throw new Error(
        refused
            ? `Keycloak at '${url}': does not take the recorded password of '${username}'; ` +
                  "it was changed in Keycloak, or its data are older than the record; " +
                  "'npm run down -- --platform' removes both"
            : `Keycloak at '${url}': login of '${username}' returned ${answer.status}: ${answer.text.slice(0, 300)}`,
    );
}

function post(
    url: string,
    authority: string,
    body: string,
): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
        const agent = new Agent({ ca: authority, keepAlive: false });
        const headers = { "content-type": "application/x-www-form-urlencoded" };
        const options = { method: "POST", agent, headers, timeout: 30_000 };
        const outgoing = request(url, options, (response) => {
            let text = "";
            response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
            response.on("end", () => {
                resolve({ status: response.statusCode ?? 0, text });
            });
        });
        outgoing.on("timeout", () => outgoing.destroy(new Error(`${url}: no answer within 30 s`)));
        outgoing.on("error", reject);
        outgoing.end(body);
    });
}
