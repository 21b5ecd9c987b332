import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { Checkout } from "./checkout.ts";

/** Longest time from the first command to the verified URL, on the running platform. */
const longestMs = 300_000;

/** README's "Deploy your own server", as a reader follows it. */
describe("a server of one's own", function () {
    this.timeout(15 * 60_000);
    let checkout: Checkout;
    let url = "";

    before(async () => {
        checkout = await Checkout.make("init");
    });

    it("is called through its URL by 'init' and 'up', within five minutes", async () => {
        const began = Date.now();
        const init = await checkout.npm("init", "--", "weather");
        assert.equal(init.code, 0, init.output);
        const up = await checkout.npm("up");
        assert.equal(up.code, 0, up.output);
        const line = /^✔ weather {2}(https:\S+) .* tools greet /m.exec(up.output);
        assert.ok(line !== null, up.output);
        url = line[1]!;
        assert.ok(Date.now() - began < longestMs, `${Date.now() - began} ms`);
    });

    it("is in an editor's configuration by the next command", async () => {
        const { code, output } = await checkout.npm("connect", "--", "cursor", "weather");
        assert.equal(code, 0, output);
        assert.ok(output.includes(`"url": "${url}"`), output);
    });

    it("is called anew after a change of its tool and its probe", async () => {
        const replace = async (path: string, from: RegExp, to: string) => {
            const file = join(checkout.directory, path);
            const text = await readFile(file, "utf8");
            assert.match(text, from);
            await writeFile(file, text.replace(from, to));
        };
        await replace("servers/weather/src/server.ts", /Hello, /, "Ahoy, ");
        await replace("Pulumi.dev.yaml", /(name: weather[^]*)Hello, /, "$1Ahoy, ");
        const { code, output } = await checkout.npm("up");
        assert.equal(code, 0, output);
        assert.match(output, /^✔ weather {2}/m);
    });

    after(async () => {
        const { code, output } = await checkout.npm("down");
        assert.equal(code, 0, output);
    });
});
