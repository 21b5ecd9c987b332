import { Agent as HttpAgent, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps, type RequestOptions } from "node:https";
import { text } from "node:stream/consumers";

/** Time limit of a request, in milliseconds. */
export const answerWithinMs = 10_000;

/** The answer to a request. */
export interface Answer {
    status: number;
    /** Where a redirect leads. */
    location?: string;
    body: string;
}

/** Sends a GET request; redirects are not followed. */
export function send(url: URL, options: RequestOptions): Promise<Answer> {
    const request = url.protocol === "https:" ? requestHttps : requestHttp;
    return new Promise((resolve, reject) => {
        const sent = request(url, options, (response) => {
            const { statusCode: status = 0, headers } = response;
            text(response).then((body) => {
                resolve({ status, location: headers.location, body });
            }, reject);
        });
        sent.on("error", reject).end();
    });
}

/** The agent for a URL, through the proxy that the environment names; Node before 22.21 knows none. */
export function openAgent(
    url: URL,
    proxyEnv: Record<string, string | undefined>,
    ca?: string[],
): HttpAgent | HttpsAgent {
    const options = { keepAlive: false, proxyEnv };
    return url.protocol === "https:" ? new HttpsAgent({ ...options, ca }) : new HttpAgent(options);
}
