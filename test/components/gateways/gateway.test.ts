import assert from "node:assert/strict";

import { resourceMetadataPath, resourceUri } from "../../../components/gateways/gateway.ts";

describe("resourceUri", () => {
    it("omits the default port", () => {
        const host = "mcp.example.org";
        assert.equal(resourceUri({ host }, "/a", "/mcp"), "https://mcp.example.org/a/mcp");
        assert.equal(
            resourceUri({ host, port: 443 }, "/a", "/mcp"),
            "https://mcp.example.org/a/mcp",
        );
    });

    it("includes any other port", () => {
        const address = { host: "localhost", port: 30443 };
        assert.equal(resourceUri(address, "/a/b", "/mcp"), "https://localhost:30443/a/b/mcp");
    });
});

describe("resourceUri at the root of a host", () => {
    it("has the path of the endpoint alone", () =>
        assert.equal(
            resourceUri({ host: "a.example.org" }, "", "/mcp"),
            "https://a.example.org/mcp",
        ));
});

describe("resourceMetadataPath", () => {
    it("appends the path of the resource to the well-known path", () => {
        assert.equal(
            resourceMetadataPath("https://localhost:30443/a/mcp"),
            "/.well-known/oauth-protected-resource/a/mcp",
        );
    });
});
