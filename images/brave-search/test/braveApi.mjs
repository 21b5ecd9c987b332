// Brave's API as the package calls it, behind an HTTP proxy that carries only connections to it. Runs on Node alone, so that
// it can be a pod too.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";

const host = "api.search.brave.com";
const environment = (name) => process.env[name] ?? "";
const certificate = {
    cert: readFileSync(environment("CERTIFICATE_FILE")),
    key: readFileSync(environment("KEY_FILE")),
};

const page = (query) => ({
    title: `About ${query.get("q")}`,
    url: "https://example.org/harbour",
    description: "Ships leave at noon",
});

/** Answers by path, as documented by Brave for each kind of search. */
const answers = {
    "/res/v1/web/search": (query) => ({
        web: { results: [page(query)] },
        ...(query.get("summary") === "true" ? { summarizer: { key: "summary-1" } } : {}),
        ...(query.get("result_filter")?.includes("locations")
            ? { locations: { results: [{ id: "poi-1", title: "Harbour café" }] } }
            : {}),
    }),
    "/res/v1/local/descriptions": (query) => ({
        results: query.getAll("ids").map((id) => ({ id, description: "Coffee beside the ships" })),
    }),
    "/res/v1/news/search": (query) => ({ results: [{ ...page(query), age: "1 hour ago" }] }),
    "/res/v1/videos/search": (query) => ({
        results: [{ ...page(query), video: { duration: "01:00" } }],
    }),
    "/res/v1/images/search": (query) => ({
        extra: { might_be_offensive: false },
        results: [
            {
                ...page(query),
                page_fetched: "2026-01-01T00:00:00Z",
                confidence: "high",
                properties: { url: "https://example.org/ship.png", width: 64, height: 48 },
            },
        ],
    }),
    "/res/v1/summarizer/search": (query) => ({
        status: "complete",
        summary: [{ type: "token", data: `Summary of ${query.get("key")}` }],
    }),
    "/res/v1/llm/context": (query) => ({
        grounding: { generic: [{ ...page(query), snippets: ["Ships leave at noon"] }], map: [] },
        sources: {
            "https://example.org/harbour": { title: "Harbour", hostname: "example.org" },
        },
    }),
    "/res/v1/local/place_search": (query) => ({
        type: "locations",
        query: { original: query.get("q") },
        results: [
            {
                ...page(query),
                title: "Harbour café",
                type: "location_result",
                id: "poi-1",
                provider_url: "",
                zoom_level: 15,
                is_source_local: true,
                is_source_both: false,
            },
        ],
    }),
};

function answer({ headers, url }, response) {
    const { pathname, searchParams } = new URL(url ?? "/", `https://${host}`);
    const reply = (status, body) => {
        response.writeHead(status, { "content-type": "application/json" });
        response.end(JSON.stringify(body));
    };
    if (headers["x-subscription-token"] !== environment("BRAVE_API_KEY")) {
        const detail = "The provided subscription token is invalid.";
        return reply(422, {
            type: "ErrorResponse",
            error: { code: "SUBSCRIPTION_TOKEN_INVALID", detail },
        });
    }
    const find = answers[pathname];
    return find === undefined ? reply(404, {}) : reply(200, find(searchParams));
}

const api = createTlsServer(certificate, answer);
const proxy = createServer((_, response) => response.end("ok\n"));
proxy.on("connect", ({ url }, client, head) => {
    if (url !== `${host}:443`) {
        client.end("HTTP/1.1 403 Forbidden\r\n\r\n");
        return;
    }
    client.write("HTTP/1.1 200 Connection established\r\n\r\n");
    if (head.length > 0) client.unshift(head);
    client.on("error", () => client.destroy());
    api.emit("connection", client);
});
proxy.listen(Number(process.env.PORT ?? 8000), () => console.log(proxy.address().port));
process.once("SIGTERM", () => process.exit(0));
