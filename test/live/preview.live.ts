import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";

import { projectRoot } from "../../local/stack.ts";
import type { Checkout } from "./checkout.ts";
import { neighbour } from "./neighbour.ts";

/** What the workflows of a pull request and of main do, on a stack that is up. */
describe("the preview of a pull request", function () {
    this.timeout(600_000);
    let clone: Checkout;

    before(async () => {
        const { checkout } = await neighbour();
        await checkout.commit();
        clone = await checkout.clone("clone");
    });

    const edit = async (change: (text: string) => string) => {
        const file = join(clone.directory, "Pulumi.dev.yaml");
        const text = await readFile(file, "utf8");
        const changed = change(text);
        assert.notEqual(changed, text);
        await writeFile(file, changed);
    };

    it("shows no change in another checkout of the deployed commit", async () => {
        const { code, output } = await clone.npm("preview");
        assert.equal(code, 0, output);
        assert.match(output, /^ +\d+ unchanged$/m);
        assert.doesNotMatch(output, /to (create|update|replace|delete)/);
    });

    it("ends with 0 for a branch that changes nothing", async () => {
        await clone.git("checkout", "--quiet", "-b", "branch");
        const { code, output } = await clone.npm("preview", "--", "--base", "main");
        assert.equal(code, 0, output);
        assert.match(output, /against main \([0-9a-f]{8}\): no changes/);
    });

    it("ends with 1 for a branch that changes something, and names it as text and as Markdown", async () => {
        await edit((text) => text.replace("name: add-numbers-only", "name: sums-only"));
        const file = join(clone.directory, "preview.md");
        const options = ["--base", "main", "--markdown", file];
        const { code, output } = await clone.npm("preview", "--", ...options);
        assert.equal(code, 1, output);
        for (const text of [output, await readFile(file, "utf8")]) {
            assert.match(text, /sums-only/);
            assert.match(text, /who may call what.*: .*[+-] add-numbers-only/);
            assert.doesNotMatch(text, /fetch-only/);
        }
    });

    it("ends with 2 for a branch that cannot be deployed, and says why", async () => {
        await edit((text) => text.replace("healthPath: /health", "healthPaht: /health"));
        const { code, output } = await clone.npm("preview", "--", "--base", "main");
        assert.equal(code, 2, output);
        assert.match(output, /servers\[0\]\.healthPaht: must be one of/);
    });

    it("is followed on main by calls of every server, by the command of the workflow", async () => {
        const text = await readFile(join(projectRoot, ".github/workflows/deploy.yml"), "utf8");
        const { jobs } = parse(text) as { jobs: { deploy: { steps: { run?: string }[] } } };
        const command = jobs.deploy.steps.at(-1)!.run!;
        assert.match(command, /npm run verify/);
        await clone.git("checkout", "--quiet", "--", ".");
        const { code, output } = await clone.run("sh", ["-c", command], { PULUMI_STACK: "dev" });
        assert.equal(code, 0, output);
        assert.match(output, /^✔ fetch {2}/m);
    });
});
