import assert from "node:assert/strict";

import { Checkout } from "./checkout.ts";
import { InterruptedStack, type Way } from "./interruptedStack.ts";

/** Parts of a deployment in the order in which they can be made, and the lines that tell of them. */
const places: [place: string, line: string][] = [
    ["namespace", "\\+ Namespace "],
    ["image build", "  Image \\S+  Step "],
    ["image", "\\+ Image "],
    ["realm", "\\+ Realm "],
    ["scope of the server", "\\+ ClientScope "],
    ["client's Secret", "\\+ Secret identity-"],
    ["client", "\\+ Client "],
    ["server's pods", "[+~] Deployment sums-pods "],
    ["verifier's pods", "[+~] Deployment gateway-verifier-pods "],
    ["gateway", "[+~] (ConfigMap gateway-configuration|Deployment gateway-|Service gateway-)"],
];

const ways: Way[] = ["Ctrl-C", "kill -9 of the command", "kill -9 of the engine"];

/** The last run after ten interruptions, and what they left. */
interface Outcome {
    up: { code: number | null; output: string };
    left: string[];
    down: { code: number | null; output: string };
    places: string[];
}

/**
 * Ten interruptions of one deployment, in each of three ways. A place that a run before has passed cannot be interrupted
 * any more: the run is interrupted at the first line of that place or of a later one. It prints a table of the lines that were hit.
 *
 * Not a part of `npm test`: it takes about eight minutes. `npm test -- test/live/interruptions.live.ts`
 */
describe("a deployment that is interrupted ten times", function () {
    this.timeout(20 * 60_000);
    const outcomes = new Map<Way, Promise<Outcome>>();

    before(async () => {
        const checkout = await Checkout.make("ten");
        for (const [index, way] of ways.entries()) {
            const stack = await InterruptedStack.make(checkout, `ten-${index}`);
            const outcome = interruptTenTimes(stack, way);
            // Each is awaited by its own test.
            outcome.catch(() => undefined);
            outcomes.set(way, outcome);
        }
    });

    for (const way of ways) {
        it(`by ${way} ends verified, without anything that is left over`, async () => {
            const { up, left, down, places } = await outcomes.get(way)!;
            assert.equal(up.code, 0, up.output);
            assert.match(up.output, /^✔ sums {2}https:/m);
            assert.doesNotMatch(up.output, /pending operations/);
            assert.deepEqual(left, []);
            assert.equal(down.code, 0, down.output);
            assert.deepEqual(places, []);
        });
    }
});

async function interruptTenTimes(stack: InterruptedStack, way: Way): Promise<Outcome> {
    for (const [index, [place]] of places.entries()) {
        const rest = places.slice(index).map(([, line]) => line);
        const pattern = new RegExp(`^(${rest.join("|")})`);
        const { line, code, output } = await stack.interruptUp(pattern, way);
        assert.ok(line !== undefined, `${index + 1}: it ended before it was interrupted`);
        assert.notEqual(code, 0, output);
        assert.doesNotMatch(output, /pending operations/);
        if (way === "Ctrl-C") assert.match(output, /^pulumi up: interrupted; /m);
        if (way === "kill -9 of the engine") {
            assert.match(output, /^pulumi up: the engine was ended by SIGKILL; /m);
        }
        console.log(`| ${way} | ${index + 1} ${place} | ${line.trim().slice(0, 70)} |`);
    }
    const up = await stack.run("up");
    const left = await stack.listLeft();
    const down = await stack.run("down");
    return { up, left, down, places: await stack.listPlaces() };
}
