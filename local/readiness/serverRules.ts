import type { ReasonRule } from "./reasonRules.ts";

/** Time for a third start of a program that ended twice, and for a program that answers to be complete, in seconds. */
const thirdStart = 15;

/**
 * Reasons for which a server of a program does not become ready, beside those of all pods. The platform's own pods may
 * end at their start until others run, so these rules are not for them.
 */
export const serverRules: readonly ReasonRule[] = [
    {
        reasons: ["OOMKilled"],
        message: /restart [1-9]/,
        group: "ended",
        repair: "raise 'resources.limits.memory' of the server",
        graceSeconds: thirdStart,
    },
    {
        reasons: ["ErrImagePull", "ImagePullBackOff"],
        message: /: not found|\b404\b|manifest unknown|name unknown|repository does not exist/i,
        repair: "push the image, or correct its name or tag",
        graceSeconds: thirdStart,
    },
    {
        reasons: ["Unhealthy"],
        message: /statuscode: 404/,
        repair: "the server answers, but has no such path: correct its 'healthPath'",
        graceSeconds: thirdStart,
    },
    {
        reasons: ["Error", "Completed"],
        message: /^ended with code \d+, restart [1-9]/,
        group: "ended",
        repair: "correct the server's program, or its 'command', 'env', 'secrets' or 'volumes'",
        graceSeconds: thirdStart,
    },
    {
        reasons: ["Unhealthy"],
        message: /connection refused/,
        repair:
            "nothing listens there yet: if that stays so, correct the server's 'port', or let it listen on the port in " +
            "PORT and on all addresses, not on 127.0.0.1 alone",
        refine: findOtherPort,
    },
];

/** A line such as `listening on port 3000`, `running on http://0.0.0.0:3000` or `"message":"started","port":3000`. */
const listens =
    /(?:listen|serv|runn|start)\w*\b[^\n]{0,60}?(?:\bport"?[ =:]+|(?:[\s([\]*]|localhost|\.\d+):)(\d{2,5})(?![\d:])/i;

/** Finds that a server says itself that it listens on another port than its probe asks. */
function findOtherPort(event: string, log: string): ReturnType<NonNullable<ReasonRule["refine"]>> {
    const asked = /:(\d+): connect: connection refused/.exec(event)?.[1];
    const said = listens.exec(log)?.[1];
    if (asked === undefined || said === undefined || said === asked) return undefined;
    return {
        repair: `it listens on port ${said}: set 'port' of the server to that, or let it listen on the port in PORT`,
        graceSeconds: thirdStart,
    };
}
