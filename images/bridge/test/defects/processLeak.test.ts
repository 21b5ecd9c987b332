import assert from "node:assert/strict";
import { enterSession } from "../support/enterSession.ts";
import { isAlive } from "../support/isAlive.ts";
import { callTool, post, postModern, textOf } from "../support/post.ts";
import { startUnruly } from "../support/startUnruly.ts";
import { until } from "../support/until.ts";

describe("processes of the server", () => {
    it("end with the request that they were for, however many there were", async () => {
        const bridge = await startUnruly({ isolation: "request", maxChildren: 4, warmChildren: 0 });
        try {
            const pids = new Set<number>();
            for (let round = 0; round < 10; round++) {
                const answers = await Promise.all([
                    post(bridge.url, callTool("pid")),
                    postModern(bridge.url, "tools/call", { name: "pid" }),
                ]);
                answers.forEach((answer) => pids.add(Number(textOf(answer))));
            }
            assert.equal(pids.size, 20);
            await until(() => ![...pids].some(isAlive));
            await until(() => bridge.counts().children.leased === 0);
        } finally {
            await bridge.close();
        }
    });

    it("end with the session that they were for, although they ignore the end of their input and SIGTERM", async () => {
        const bridge = await startUnruly({ warmChildren: 0 });
        try {
            const headers = await enterSession(bridge.url, { roots: {} });
            const pid = Number(textOf(await post(bridge.url, callTool("stay"), { headers })));
            await fetch(bridge.url, { method: "DELETE", headers });
            await until(() => !isAlive(pid));
            await until(() => bridge.counts().children.leased === 0);
        } finally {
            await bridge.close();
        }
    });
});
