import assert from "node:assert/strict";

import { projectRoot } from "../../../local/stack.ts";
import { evaluate } from "../evaluate.ts";

/** Locates the dev stack, whose place on the platform another checkout is recorded to have. */
const locate = (checkout: string, existing: boolean) => `
    const { mkdirSync } = await import("node:fs");
    const { embeddedStateDirectory } = await load("paths.ts");
    const { findPlace, listPlaces, writePlaces } = await load("embedded/places.ts");
    const { locateTarget } = await load("target.ts");
    const stateDirectory = embeddedStateDirectory("dev");
    if (${existing}) mkdirSync(stateDirectory, { recursive: true });
    const names = { stack: "dev", namespace: "mcp", realm: "slipway", port: 30443 };
    await writePlaces([{ ...names, stateDirectory, checkout: ${JSON.stringify(checkout)} }]);
    locateTarget({ stack: "dev" });
    locateTarget({ stack: "dev" });
    console.log(listPlaces().length + " " + findPlace(stateDirectory)?.port);
`;

describe("the record of places", () => {
    it("tells, once, that another checkout deployed the same stack", async () => {
        const { stdout, stderr } = await evaluate(locate("/tmp", true));
        assert.equal(stdout, "1 30443\n");
        assert.match(
            stderr,
            /^stack 'dev': is the one that the checkout '\/tmp' deployed, .*: npm run up -- --stack NAME\n$/,
        );
    });

    it("is silent in the checkout that deployed the stack, and when the other one is gone", async () => {
        for (const checkout of [projectRoot, "/tmp/slipway-no-such-checkout"]) {
            const { stdout, stderr } = await evaluate(locate(checkout, true));
            assert.deepEqual([stdout, stderr], ["1 30443\n", ""]);
        }
    });

    it("forgets a stack whose state was removed", async () => {
        const { stdout, stderr } = await evaluate(locate("/tmp", false));
        assert.deepEqual([stdout, stderr], ["0 undefined\n", ""]);
    });

    it("has no file for a stack that nobody wrote, and says how", async () => {
        const { stdout } = await evaluate(`
            const { locateTarget } = await load("target.ts");
            try { locateTarget({ stack: "dve" }); } catch (error) { console.log(error.message); }
        `);
        assert.match(
            stdout,
            /^--stack: must have a file 'Pulumi\.dve\.yaml', got 'dve' without one; did you mean 'dev'\?; write/,
        );
    });
});
