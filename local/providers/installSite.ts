import { Agent, request } from "node:https";

/** Download site of the official engine and plugins. */
export const installSiteUrl = "https://get.pulumi.com/";

/** Time limit for an answer of the site, in milliseconds; with a slower site a download would fail as well. */
const answerWithinMs = 3000;

/** The site. It is queried at most once, and only when something has to be downloaded. */
export interface InstallSite {
    /** Why the site cannot be used; undefined when it answers. */
    problem(): Promise<string | undefined>;
}

/** The official download site, reached directly or through the proxy of the environment. */
export function installSite(): InstallSite {
    let answer: Promise<string | undefined> | undefined;
    return { problem: () => (answer ??= ask()) };
}

async function ask(): Promise<string | undefined> {
    const agent = new Agent({ proxyEnv: process.env });
    const signal = AbortSignal.timeout(answerWithinMs);
    try {
        const status = await new Promise<number>((resolve, reject) => {
            const asked = request(installSiteUrl, { method: "HEAD", agent, signal }, (response) => {
                response.resume();
                resolve(response.statusCode ?? 0);
            });
            asked.on("error", reject).end();
        });
        return status < 400 ? undefined : `its download site answered with status ${status}`;
    } catch (error) {
        if (signal.aborted)
            return `its download site did not answer within ${answerWithinMs / 1000} s`;
        const code = (error as NodeJS.ErrnoException).code ?? String(error);
        return `its download site cannot be reached (${code})`;
    } finally {
        agent.destroy();
    }
}
