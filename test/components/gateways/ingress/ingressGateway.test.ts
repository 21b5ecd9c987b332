import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

import { identityHeaders, verifiedHeaders } from "../../../../components/gateways/headers.ts";
import {
    IngressFlavor,
    IngressGateway,
    type IngressGatewayArgs,
    type Route,
} from "../../../../components/index.ts";
import {
    inventory,
    type Json,
    only,
    recordResources,
    type Recording,
    valueOf,
} from "../../../support/recordResources.ts";
import { buildRoute, buildRoutingArgs } from "../routingArgs.ts";

const nginx = "nginx.ingress.kubernetes.io";
const routes = [
    buildRoute("weather"),
    buildRoute("maps", { openPaths: ["/docs", "/openapi.json"] }),
];

function record(
    flavor: IngressFlavor,
    carried: Route[] = routes,
    parts: Partial<IngressGatewayArgs> = {},
): Promise<Recording> {
    const args = { ...buildRoutingArgs(carried), flavor, ...parts };
    return recordResources(() => void new IngressGateway("gateway", args));
}

function listOwn(recording: Recording): string[] {
    return inventory(recording)
        .map((path) => path.replace("IngressGateway gateway / ", ""))
        .filter((path) => !/ \/ |^IngressGateway/.test(path));
}

/** Public paths, and the server's path behind each; undefined where the route must not match. */
const paths: { asked: string; target: string | undefined }[] = [
    { asked: "/maps/mcp", target: "/mcp" },
    { asked: "/maps/mcp/", target: "/mcp/" },
    { asked: "/maps/mcp/x/y", target: "/mcp/x/y" },
    { asked: "/maps/mcpx", target: undefined },
    { asked: "/maps/mcp/a\nb", target: undefined },
    { asked: "/maps/admin", target: undefined },
    { asked: "/maps", target: undefined },
    { asked: "/mapsx/mcp", target: undefined },
    { asked: "/x/maps/mcp", target: undefined },
];

function rewrite(pattern: string, target: string, asked: string): string | undefined {
    const match = new RegExp(`^${pattern}`).exec(asked);
    return match === null ? undefined : target.replace("$1", match[1] ?? "");
}

function readGolden(file: string): Json {
    return parse(readFileSync(join(import.meta.dirname, file), "utf8"));
}

/** The manifests without the long lists of removed headers. */
function shorten(value: Json): Json {
    return JSON.parse(
        JSON.stringify(value, (_key, inner: Json) => {
            const isLong = typeof inner === "string" && inner.length > 400;
            return isLong ? `${inner.slice(0, 100)}…` : inner;
        }),
    );
}

describe("IngressGateway for ingress-nginx", () => {
    it("creates Ingresses per server, as their annotations differ, and the verifier", async () => {
        assert.deepEqual(listOwn(await record("ingress-nginx")), [
            "Ingress gateway-maps",
            "Ingress gateway-maps-metadata",
            "Ingress gateway-maps-open",
            "Ingress gateway-weather",
            "Ingress gateway-weather-metadata",
            "TokenVerifier gateway-verifier",
        ]);
    });

    it("renders the manifests that ingress-nginx.yaml shows", async () => {
        const recording = await record("ingress-nginx", [buildRoute("weather")]);
        const manifests = ["gateway-weather", "gateway-weather-metadata"].map((name) => {
            const { metadata, spec } = only(recording, "Ingress", name).inputs;
            return { metadata, spec };
        });
        assert.deepEqual(shorten(manifests), readGolden("ingress-nginx.yaml"));
    });

    it("asks the verifier about protected paths, and about no open page", async () => {
        const recording = await record("ingress-nginx");
        const annotation = (name: string) =>
            only(recording, "Ingress", name).inputs.metadata.annotations[`${nginx}/auth-url`];
        const service = "gateway-verifier-service-0a1b2c3d.tools.svc.cluster.local:8080";
        assert.equal(annotation("gateway-maps"), `http://${service}/verify/maps`);
        assert.equal(annotation("gateway-weather"), `http://${service}/verify/weather`);
        assert.equal(annotation("gateway-maps-open"), undefined);
    });

    it("takes every identity header from the verifier, so that a client's own is removed, and the token", async () => {
        const { metadata } = only(await record("ingress-nginx"), "Ingress", "gateway-maps").inputs;
        const headers = metadata.annotations[`${nginx}/auth-response-headers`].split(",");
        for (const name of [...identityHeaders, ...verifiedHeaders, "Authorization"]) {
            assert.ok(headers.includes(name), name);
        }
    });

    for (const { asked, target } of paths) {
        it(`leads '${JSON.stringify(asked).slice(1, -1)}' to ${target ?? "nothing"}`, async () => {
            const { metadata, spec } = only(
                await record("ingress-nginx"),
                "Ingress",
                "gateway-maps",
            ).inputs;
            const [{ path }] = spec.rules[0].http.paths;
            const to = metadata.annotations[`${nginx}/rewrite-target`];
            assert.equal(rewrite(path, to, asked), target);
        });
    }

    it("keeps the prefix for a server that wants it, and serves one at the root of its host", async () => {
        const recording = await record("ingress-nginx", [
            buildRoute("weather", { stripPrefix: false }),
            buildRoute("maps", { prefix: "", host: "maps.example.org" }),
        ]);
        const target = (name: string) => {
            const { metadata, spec } = only(recording, "Ingress", name).inputs;
            const [{ host, http }] = spec.rules;
            const to = metadata.annotations[`${nginx}/rewrite-target`];
            const asked = name === "gateway-maps" ? "/mcp/x" : "/weather/mcp/x";
            return [host, rewrite(http.paths[0].path, to, asked)];
        };
        assert.deepEqual(target("gateway-weather"), ["mcp.example.org", "/weather/mcp/x"]);
        assert.deepEqual(target("gateway-maps"), ["maps.example.org", "/mcp/x"]);
    });

    it("tells the address that the controller gave the Ingress", async () => {
        let address: Promise<string> | undefined;
        await recordResources(() => {
            const args = { ...buildRoutingArgs(routes), flavor: IngressFlavor.ingressNginx };
            address = valueOf(new IngressGateway("gateway", args).loadBalancerAddress!);
        });
        assert.equal(await address, "lb.example.org");
    });
});

describe("IngressGateway for nginx-inc", () => {
    it("creates one VirtualServer per host, and routes with policies per server", async () => {
        const hosted = [...routes, buildRoute("news", { host: "news.example.org", prefix: "" })];
        assert.deepEqual(
            listOwn(await record("nginx-inc", hosted)).filter((path) => !path.startsWith("Policy")),
            [
                "TokenVerifier gateway-verifier",
                "VirtualServer gateway-host",
                "VirtualServer gateway-host-2",
                "VirtualServerRoute gateway-maps-open",
                "VirtualServerRoute gateway-maps-protected",
                "VirtualServerRoute gateway-news-protected",
                "VirtualServerRoute gateway-weather-protected",
            ],
        );
    });

    it("renders the manifests that nginx-inc.yaml shows", async () => {
        const recording = await record("nginx-inc", [buildRoute("weather")]);
        const manifests = recording
            .filter(({ type }) => type.startsWith("kubernetes:k8s.nginx.org/"))
            .map(({ inputs: { kind, metadata, spec } }) => ({ kind, metadata, spec }))
            .sort((one, other) => JSON.stringify(one).localeCompare(JSON.stringify(other)));
        assert.deepEqual(shorten(manifests), readGolden("nginx-inc.yaml"));
    });

    it("has one subroute per VirtualServerRoute with the path that leads to it, as regular expressions require", async () => {
        const recording = await record("nginx-inc");
        const { spec } = only(recording, "VirtualServer").inputs;
        for (const title of ["maps-protected", "maps-open", "weather-protected"]) {
            const created = only(recording, "VirtualServerRoute", `gateway-${title}`).inputs.spec;
            const leading = spec.routes.find(
                ({ route }: Json) => route === `tools/gateway-${title}-0a1b2c3d`,
            );
            assert.deepEqual(
                created.subroutes.map(({ path }: Json) => path),
                [leading.path],
            );
            assert.equal(created.host, spec.host);
        }
    });

    it("gives each server an authentication of its own, as locations are named by its path", async () => {
        const recording = await record("nginx-inc");
        const uris = ["weather", "maps"].map((server) => {
            const { spec } = only(recording, "Policy", `gateway-${server}-auth`).inputs;
            return [spec.externalAuth.authURI, spec.externalAuth.authServiceName];
        });
        const service = "tools/gateway-verifier-service-0a1b2c3d";
        assert.deepEqual(uris, [
            ["/verify/weather", service],
            ["/verify/maps", service],
        ]);
        const open = only(recording, "VirtualServerRoute", "gateway-maps-open").inputs.spec;
        const policies = open.subroutes[0].policies.map(({ name }: Json) => name);
        assert.deepEqual(policies, ["gateway-maps-limit-0a1b2c3d", "gateway-maps-cors-0a1b2c3d"]);
    });

    for (const { asked, target } of paths) {
        it(`leads '${JSON.stringify(asked).slice(1, -1)}' to ${target ?? "nothing"}`, async () => {
            const recording = await record("nginx-inc");
            const created = only(recording, "VirtualServerRoute", "gateway-maps-protected");
            const [{ path, action }] = created.inputs.spec.subroutes;
            const pattern = path.replace("~ ^", "");
            assert.equal(rewrite(pattern, action.proxy.rewritePath, asked), target);
        });
    }

    it("lets no client forge an identity header, on open pages neither", async () => {
        const recording = await record("nginx-inc");
        for (const title of ["maps-protected", "maps-open"]) {
            const created = only(recording, "VirtualServerRoute", `gateway-${title}`);
            const snippet = created.inputs.spec.subroutes[0]["location-snippets"] as string;
            for (const name of [...identityHeaders, "Authorization"]) {
                assert.ok(snippet.includes(`proxy_set_header ${name} "";`), name);
            }
            const verified = title === "maps-open" ? '""' : '"$slipway_x_auth_subject"';
            assert.ok(snippet.includes(`proxy_set_header X-Auth-Subject ${verified};`));
        }
    });
});

describe("the arguments of IngressGateway", () => {
    it("are refused all at once", async () => {
        const parts = {
            flavor: "traefik" as IngressFlavor,
            address: { host: "192.0.2.1" },
            ingressClassName: "Nginx",
        };
        await assert.rejects(record("nginx-inc", routes, parts), (error: Error) =>
            ["address.host", "flavor", "ingressClassName"].every((path) =>
                error.message.includes(`${path}: must `),
            ),
        );
    });
});
