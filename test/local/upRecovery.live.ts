import assert from "node:assert/strict";

import { BareMachine } from "./bareMachine.ts";

/** What the output says at the moments of an update when it hurts most that something dies. */
const moments = {
    "images are built and pushed": /docker:index:Image \S+ creating/,
    "Keycloak makes a realm and its clients": /keycloak:\S+:(Client|ClientScope) \S+ creating/,
    "servers are waited for": /kubernetes:apps\/v1:Deployment \S+ creating/,
};

describe("npm run up, when every daemon of the platform is killed at once", function () {
    // A bare machine installs Debian's packages and npm's, and deploys twice.
    this.timeout(20 * 60_000);
    let machine: BareMachine;

    before(async () => {
        machine = await BareMachine.boot();
        await machine.run("git", "clone", "--quiet", "/mnt/slipway.git", "/root/slipway");
    });

    after(() => machine.remove());

    it(`ends with both servers called, however often: while ${Object.keys(moments).join(", while ")}`, async () => {
        const waiting = new Map(Object.entries(moments));
        const kills: Promise<number>[] = [];
        const watch = (said: string) => {
            for (const [moment, words] of waiting) {
                if (!words.test(said)) continue;
                waiting.delete(moment);
                kills.push(killDaemons());
            }
        };
        const { code, output } = await machine.watchNpm(watch, "run", "up");
        for (const killed of await Promise.all(kills)) assert.ok(killed >= 9, `${killed} daemons`);
        assert.deepEqual([...waiting.keys()], [], "moments that were missed");
        assert.equal(code, 0, output);
        for (const server of ["add-numbers", "fetch"]) {
            const url = `https://localhost:30443/${server}/mcp`;
            assert.match(output, new RegExp(`^✔ ${server} {2}${url} `, "m"));
        }
    });

    /** Kills what each supervisor watches, and Keycloak's own process; gives how many there were. */
    async function killDaemons(): Promise<number> {
        const script = `
            set --
            for supervisor in $(pgrep -x s6-supervise); do
                tr '\\0' ' ' <"/proc/$supervisor/cmdline" | grep -q '/log $' && continue
                set -- "$@" $(pgrep -P "$supervisor")
            done
            set -- "$@" $(pgrep -f [q]uarkus-run)
            kill -KILL "$@"
            echo $#
        `;
        return Number(await machine.run("sh", "-c", script));
    }
});
