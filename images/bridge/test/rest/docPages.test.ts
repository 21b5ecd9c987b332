import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { parse, type DefaultTreeAdapterTypes } from "parse5";
import { findRestAssets } from "../../restAssets.ts";
import { readRest, startRest, type RunningRest } from "../support/startRest.ts";

type Node = DefaultTreeAdapterTypes.Node;

/** Every element of a page. */
function* elementsOf(node: Node): Generator<DefaultTreeAdapterTypes.Element> {
    if ("tagName" in node) {
        yield node;
    }
    for (const child of "childNodes" in node ? node.childNodes : []) {
        yield* elementsOf(child);
    }
}

/** What a page asks a browser to fetch. */
function addressesOf(html: string): string[] {
    return [...elementsOf(parse(html))]
        .flatMap(({ attrs }) => attrs)
        .filter(({ name }) => ["src", "href"].includes(name))
        .map(({ value }) => value)
        .filter((value) => !value.startsWith("data:"));
}

describe("the documentation pages", () => {
    let rest: RunningRest;
    before(async () => {
        rest = await startRest({ bearer: true });
    });
    after(() => rest.close());

    for (const page of ["/docs", "/redoc"]) {
        it(`${page} fetches only what this server serves, also below a gateway's prefix`, async () => {
            const { status, headers, text } = await readRest(await fetch(rest.url + page));
            assert.equal(status, 200);
            assert.equal(headers.get("content-type"), "text/html; charset=utf-8");
            const addresses = addressesOf(text);
            assert.ok(addresses.length >= 3, String(addresses));
            let imports = 0;
            for (const address of addresses) {
                assert.doesNotMatch(address, /^[a-z]+:|^\//, "must be relative");
                const file = await readRest(await fetch(new URL(address, rest.url + page)));
                assert.equal(file.status, 200, address);
                const type = address.endsWith(".css") ? "text/css" : "text/javascript";
                assert.equal(file.headers.get("content-type"), `${type}; charset=utf-8`);
                assert.equal(file.headers.get("x-content-type-options"), "nosniff");
                const modules = address.endsWith(".mjs") ? file.text : "";
                for (const [, imported = ""] of modules.matchAll(/from "(\.[^"]+)"/g)) {
                    const at = new URL(imported, new URL(address, rest.url + page));
                    assert.equal((await fetch(at)).status, 200, imported);
                    imports++;
                }
            }
            assert.ok(imports > 0);
        });

        it(`${page} runs no script of its own text and none from elsewhere`, async () => {
            const { headers, text } = await readRest(await fetch(rest.url + page));
            const policy = (headers.get("content-security-policy") ?? "").split("; ");
            assert.ok(policy.includes("default-src 'none'"), String(policy));
            assert.ok(policy.includes("script-src 'self'"), String(policy));
            assert.ok(policy.includes("connect-src 'self'"), String(policy));
            for (const { tagName, attrs, childNodes } of elementsOf(parse(text))) {
                assert.ok(tagName !== "style", "a style of its own text");
                assert.ok(
                    tagName !== "script" || childNodes.length === 0,
                    "a script of its own text",
                );
                assert.ok(!attrs.some(({ name }) => name.startsWith("on") || name === "style"));
            }
        });
    }

    it("are asked about, not fetched again, and answer HEAD", async () => {
        for (const path of ["/docs", "/docs/swagger-ui.css"]) {
            const got = await readRest(await fetch(rest.url + path));
            const etag = got.headers.get("etag") ?? "";
            assert.match(etag, /^".+"$/);
            const headers = { "if-none-match": etag };
            const again = await readRest(await fetch(rest.url + path, { headers }));
            assert.deepEqual([again.status, again.text], [304, ""]);
            const head = await readRest(await fetch(rest.url + path, { method: "HEAD" }));
            assert.deepEqual([head.status, head.text, head.headers.get("etag")], [200, "", etag]);
        }
    });

    it("are the packages' files, byte for byte", async () => {
        const asset = findRestAssets().find(({ name }) => name === "redoc.standalone.js");
        const served = await fetch(`${rest.url}/docs/redoc.standalone.js`);
        assert.equal(await served.text(), readFileSync(asset?.source ?? "", "utf8"));
        for (const { source } of findRestAssets()) {
            assert.ok(existsSync(source), source);
        }
    });

    it("serve no other file of their directory", async () => {
        for (const path of [
            "/docs/../package.json",
            "/docs/page.css/",
            "/docs/redoc.LICENSE.txt",
            "/docs/toString",
        ]) {
            assert.equal((await fetch(rest.url + path)).status, 404, path);
        }
    });

    it("say which file is missing when they were not installed", async () => {
        const bare = await startRest({ assetsDirectory: "/nonexistent" });
        try {
            const { status, body } = await readRest(await fetch(`${bare.url}/docs`));
            assert.equal(status, 404);
            assert.match(body.error.message, /'docs\.html' is not installed/);
        } finally {
            await bare.close();
        }
    });
});

describe("who may ask for a path", () => {
    it("is anyone for pages, a caller for tools, and nobody here for the rest", async () => {
        const { createRestEndpoint } = await import("../../src/rest/restEndpoint.ts");
        const rest = createRestEndpoint({
            callTool: () => assert.fail(),
            catalog: { find: () => assert.fail(), tools: () => assert.fail() },
            about: () => assert.fail(),
            bearer: true,
            assetsDirectory: "",
            bodyLimit: 1,
            log: () => assert.fail(),
        });
        const paths: Record<string, string | undefined> = {
            "/docs": "open",
            "/redoc": "open",
            "/docs/swagger-ui.css": "open",
            "/tools": "protected",
            "/tools/add": "protected",
            "/tools/": "protected",
            "/call": "protected",
            "/openapi.json": "protected",
            "/": undefined,
            "/mcp": undefined,
            "/toolsx": undefined,
            "/call/": undefined,
            "/docs/x": undefined,
            "/metrics": undefined,
        };
        for (const [path, expected] of Object.entries(paths)) {
            assert.equal(rest.access(path), expected, path);
        }
    });
});
