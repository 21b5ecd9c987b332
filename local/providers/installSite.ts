import { Agent, request } from "node:https";

/** Where the official engine and plugins are downloaded from. */
export const installSiteUrl = "https://get.pulumi.com/";

/** How long the site may take to answer, in milliseconds: longer means a download would not work well either. */
const answerWithinMs = 3000;

/** The site, asked at most once, and only when something has to be downloaded. */
export interface InstallSite {
    /** Undefined when it answers, else why it cannot be used. */
    problem(): Promise<string | undefined>;
}

/** The official download site, as this machine reaches it (directly or through the proxy of the environment). */
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
