import assert from "node:assert/strict";

import { Checkout } from "./checkout.ts";
import { InterruptedStack } from "./interruptedStack.ts";

/** One deployment, interrupted three times on its way; the fourth run brings it to its end. */
describe("an update that is interrupted", function () {
    this.timeout(6 * 60_000);
    let stack: InterruptedStack;

    before(async () => {
        stack = await InterruptedStack.make(await Checkout.make("cut"), "cut");
    });

    after(async () => {
        const { code, output } = await stack.run("down");
        assert.equal(code, 0, output);
    });

    it("is cancelled in the engine's way by Ctrl-C, which says so", async () => {
        const { line, code, output } = await stack.interruptUp(/^\+ Realm /, "Ctrl-C");
        assert.ok(line !== undefined, output);
        assert.match(output, /^Ctrl-C: cancelling; /m);
        assert.match(output, /^pulumi up: interrupted; the state knows what was done/m);
        assert.notEqual(code, 0);
    });

    it("goes on after its command was killed", async () => {
        const client = /^\+ Client identity-agent/;
        const { line, output } = await stack.interruptUp(client, "kill -9 of the command");
        assert.ok(line !== undefined, output);
        assert.doesNotMatch(output, /^✔ sums/m);
    });

    it("goes on after the engine was killed", async () => {
        // Whichever of them the killed command had not made yet.
        const parts =
            /^\+ (ConfigMap gateway-configuration|Deployment gateway-(configuration-)?pods) /;
        const { line, code, output } = await stack.interruptUp(parts, "kill -9 of the engine");
        assert.ok(line !== undefined, output);
        assert.match(output, /its last update was interrupted; clearing \d+ operations/);
        assert.equal(code, 1);
        assert.match(output, /^pulumi up: the engine was ended by SIGKILL; /m);
    });

    it("ends verified, and leaves nothing of what was interrupted", async () => {
        const { code, output } = await stack.run("up");
        assert.equal(code, 0, output);
        assert.match(output, /^✔ sums {2}https:/m);
        assert.doesNotMatch(output, /pending operations/);
        assert.deepEqual(await stack.listLeft(), []);
    });
});
