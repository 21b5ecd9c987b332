import assert from "node:assert/strict";
import { createServer as createProxy } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";

import type { ReadCluster } from "../../config/clusterRules.ts";
import { preflight } from "../../config/preflight.ts";
import { makeLocalCertificate } from "../support/localCertificate.ts";
import { recordResources } from "../support/recordResources.ts";

const keys = "/protocol/openid-connect/certs";
const introspection = "/protocol/openid-connect/token/introspect";
const apisixCluster = { "/apis/apisix.apache.org/v2": {} };

/** Arguments of `preflight`, as far as the cases below differ in them. */
interface Stack {
    identity: object;
    gateway?: object;
    servers?: object[];
}

interface Case {
    what: string;
    /** The configuration; `base` is the address of the issuer. */
    stack: (base: string) => Stack;
    /** What the issuer publishes at a path; absent, it publishes what the realm in the path would. */
    published?: (base: string) => Record<string, unknown>;
    refused?: { path: string; reason: RegExp };
}

const mcp = (base: string) => ({ issuer: `${base}/realms/mcp` });
const created = (name: string) => ({ realm: { name, create: true } });
const existing = { realm: { name: "mcp", create: false } };

const cases: Case[] = [
    { what: "an existing realm as it is", stack: (base) => ({ identity: mcp(base) }) },
    {
        what: "an address of the keys for pods",
        stack: (base) => ({
            identity: { ...mcp(base), jwksUri: `http://keycloak.auth.svc:8080/realms/mcp${keys}` },
        }),
    },
    {
        what: "an address for pods to which the proxy in front adds a prefix",
        stack: (base) => ({
            identity: { ...mcp(`${base}/auth`), jwksUri: `http://keycloak/realms/mcp${keys}` },
        }),
    },
    {
        what: "keys of another realm at an address for pods",
        stack: (base) => ({
            identity: { ...mcp(base), jwksUri: `http://keycloak.auth.svc/realms/other${keys}` },
        }),
        refused: {
            path: "identity.jwksUri",
            reason: /^must be the 'jwks_uri' of .*got 'http:\/\/keycloak.auth.svc\/realms\/other.*another scheme and host or port and path/,
        },
    },
    {
        what: "keys by http where the issuer has https",
        stack: (base) => ({
            identity: {
                ...mcp(base),
                jwksUri: `${base.replace("https", "http")}/realms/mcp${keys}`,
            },
        }),
        refused: { path: "identity.jwksUri", reason: /\(another scheme\); set it/ },
    },
    {
        what: "an issuer without the slash that it has",
        stack: (base) => ({ identity: mcp(base) }),
        published: (base) => ({ issuer: `${base}/realms/mcp/` }),
        refused: {
            path: "identity.issuer",
            reason: /^must be what the issuer calls itself in its tokens, 'https:.*\/realms\/mcp\/', got 'https:.*\/realms\/mcp' \(one has '\/' at the end\); write it like that/,
        },
    },
    {
        what: "an issuer that calls itself by http",
        stack: (base) => ({ identity: mcp(base) }),
        published: (base) => ({ issuer: `${base.replace("https", "http")}/realms/mcp` }),
        refused: { path: "identity.issuer", reason: /\(another scheme\)/ },
    },
    {
        what: "an issuer that calls itself by another host",
        stack: (base) => ({ identity: mcp(base) }),
        published: () => ({ issuer: "https://login.example.org/realms/mcp" }),
        refused: { path: "identity.issuer", reason: /\(another host or port\)/ },
    },
    {
        what: "an issuer with another path",
        stack: (base) => ({ identity: mcp(base) }),
        published: (base) => ({ issuer: `${base}/auth/realms/mcp` }),
        refused: { path: "identity.issuer", reason: /\(another path\)/ },
    },
    {
        what: "a further issuer that is no Keycloak, without its keys",
        stack: (base) => ({
            identity: { ...mcp(base), furtherIssuers: [{ issuer: `${base}/partner` }] },
        }),
        published: (base) => ({ issuer: `${base}/partner`, jwks_uri: `${base}/partner/keys` }),
        refused: {
            path: "identity.furtherIssuers[0].jwksUri",
            reason: /got none, which stands for '.*\/partner\/protocol.*set it to the former/,
        },
    },
    {
        what: "a further issuer with its keys",
        stack: (base) => ({
            identity: {
                ...mcp(base),
                furtherIssuers: [{ issuer: `${base}/partner`, jwksUri: `${base}/partner/keys` }],
            },
        }),
        published: (base) => ({ issuer: `${base}/partner`, jwks_uri: `${base}/partner/keys` }),
    },
    {
        what: "another introspection endpoint, where it is asked",
        stack: (base) => ({
            identity: { ...mcp(base), introspection: { endpoint: `${base}/introspect` } },
            servers: [{ checkRevocation: true }],
        }),
        refused: { path: "identity.introspection.endpoint", reason: /'introspection_endpoint' of/ },
    },
    {
        what: "another introspection endpoint, where nobody asks it",
        stack: (base) => ({
            identity: { ...mcp(base), introspection: { endpoint: `${base}/introspect` } },
            servers: [{}],
        }),
    },
    {
        what: "an issuer that publishes no introspection endpoint for APISIX",
        stack: (base) => ({
            identity: mcp(base),
            gateway: { kind: "apisix", install: {}, authentication: "introspection" },
        }),
        published: () => ({ introspection_endpoint: undefined }),
        refused: {
            path: "gateway.openidConnect.introspectionEndpoint",
            reason: /^must be given, as /,
        },
    },
    {
        what: "a realm that does not exist",
        stack: (base) => ({ identity: { issuer: `${base}/realms/missing`, ...existing } }),
        refused: { path: "identity.issuer", reason: /answers with status 404; correct it; of a/ },
    },
    {
        what: "a realm that is created",
        stack: (base) => ({
            identity: { issuer: `${base}/realms/missing`, ...created("missing") },
        }),
    },
    {
        what: "a realm that is created in a Keycloak with another host name",
        stack: (base) => ({
            identity: { issuer: `${base}/realms/missing`, ...created("missing") },
        }),
        published: () => ({ issuer: "https://login.example.org/realms/master" }),
        refused: {
            path: "identity.issuer",
            reason: /'https:\/\/login\.example\.org\/realms\/missing', got .*another host/,
        },
    },
    {
        what: "an address that is no issuer",
        stack: (base) => ({ identity: { issuer: `${base}/page` } }),
        refused: { path: "identity.issuer", reason: /has neither or no JSON; correct it$/ },
    },
    {
        what: "an issuer that leads elsewhere",
        stack: (base) => ({ identity: { issuer: `${base}/moved` } }),
        refused: { path: "identity.issuer", reason: /status 301, leading to 'https:\/\/elsewhere/ },
    },
    {
        what: "an issuer that is not there",
        stack: () => ({ identity: { issuer: "https://localhost:1/realms/mcp", ...existing } }),
        refused: {
            path: "identity.issuer",
            reason: /does not answer: .*ECONNREFUSED.*; correct it, or set 'jwksUri'/,
        },
    },
    {
        what: "an issuer that only pods reach, with keys at an address for them",
        stack: () => ({
            identity: {
                issuer: "https://localhost:1/realms/mcp",
                jwksUri: `http://keycloak.auth.svc/realms/mcp${keys}`,
            },
        }),
    },
    {
        what: "a Keycloak that is not there yet",
        stack: () => ({
            identity: { issuer: "https://localhost:1/realms/mcp", ...created("mcp") },
        }),
    },
    {
        what: "an issuer of a private authority that is not named",
        stack: (base) => ({ identity: { ...mcp(base), ca: undefined } }),
        refused: { path: "identity.issuer", reason: /authority that 'identity\.ca' does not name/ },
    },
];

describe("preflight", () => {
    let server: Server;
    let base = "";
    let certificate = "";
    let published: Record<string, unknown> = {};

    before(async () => {
        const made = await makeLocalCertificate();
        certificate = made.certificate;
        server = createServer({ key: made.key, cert: certificate }, ({ url = "" }, response) => {
            const path = url.replace("/.well-known/openid-configuration", "");
            if (path.endsWith("/missing")) return response.writeHead(404).end();
            if (path === "/page") return response.end("<html>");
            if (path === "/moved") {
                return response.writeHead(301, { location: "https://elsewhere/x" }).end();
            }
            const issuer = `${base}${path}`;
            const own = {
                ...{ issuer, jwks_uri: issuer + keys },
                introspection_endpoint: issuer + introspection,
            };
            // What a further issuer publishes is not what the first one does.
            const isOther = published["jwks_uri"] !== undefined && path !== "/partner";
            return response.end(JSON.stringify(isOther ? own : { ...own, ...published }));
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        base = `https://localhost:${(server.address() as AddressInfo).port}`;
    });

    after(() => server.close());

    /** What `preflight` refuses, line by line. */
    async function refusalsOf(
        { identity, gateway, servers = [] }: Stack,
        {
            ca = { certificate },
            cluster = {},
            proxies = {},
        }: { ca?: object; cluster?: object; proxies?: object } = {},
    ): Promise<string[]> {
        const needs = {
            identity: { ca, ...identity },
            servers,
            proxies,
            namespace: { namespace: "tools" },
            provider: { kubeconfig: "", context: "" },
            gateway: { kind: "nginx", exposure: {}, host: "a", tls: {}, ...gateway },
        } as unknown as Parameters<typeof preflight>[0];
        const content: Record<string, unknown> = { ...apisixCluster, ...cluster };
        const read = ((path: string) => Promise.resolve(content[path])) as ReadCluster;
        let lines: string[] = [];
        await recordResources(() =>
            preflight(needs, read).catch((error: unknown) => {
                lines = (error as Error).message.split("\n").slice(1);
            }),
        );
        return lines.map((line) => line.replace("  - ", ""));
    }

    for (const { what, stack, published: changes, refused } of cases) {
        it(`${refused === undefined ? "accepts" : "refuses"} ${what}`, async () => {
            published = changes?.(base) ?? {};
            const [line, ...others] = await refusalsOf(stack(base));
            assert.deepEqual(others, []);
            const [path, ...reason] = (line ?? "").split(": ");
            assert.equal(path, refused?.path ?? "");
            if (refused !== undefined) assert.match(reason.join(": "), refused.reason);
        });
    }

    it("refuses problems of the cluster and of issuers at once", async () => {
        published = {};
        const lines = await refusalsOf({
            identity: { issuer: `${base}/realms/missing`, ...existing },
            gateway: { kind: "ingress", flavor: "nginx-inc" },
        });
        const paths = lines.map((line) => line.split(": ")[0]);
        assert.deepEqual(paths.sort(), [
            "gateway.flavor",
            "gateway.ingressClassName",
            "identity.issuer",
        ]);
    });

    it("reads the authority from the cluster, and asks no issuer without it", async () => {
        published = { issuer: "https://login.example.org" };
        const ca = { configMap: "roots", namespace: "auth" };
        const there = {
            "/api/v1/namespaces/auth/configmaps/roots": { data: { "ca.crt": certificate } },
        };
        const stack = { identity: mcp(base) };
        assert.match(
            (await refusalsOf(stack, { ca, cluster: there })).join(),
            /login\.example\.org/,
        );
        assert.deepEqual(await refusalsOf(stack, { ca }), []);
    });

    it("asks through the proxy of the environment", async () => {
        const asked: string[] = [];
        const proxy = createProxy(({ url = "" }, response) => {
            asked.push(url);
            response.writeHead(404).end();
        });
        await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
        const { port } = proxy.address() as AddressInfo;
        const stack = { identity: { issuer: "http://localhost:1/realms/mcp", ...existing } };
        const proxies = { http_proxy: `http://127.0.0.1:${port}` };
        const lines = await refusalsOf(stack, { proxies });
        proxy.close();
        assert.match(lines.join(), /status 404/);
        assert.deepEqual(asked, ["http://localhost:1/realms/mcp/.well-known/openid-configuration"]);
    });
});
