import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";

import { projectRoot } from "../../local/stack.ts";
import { devServers } from "../support/devServers.ts";
import { moveConfiguration } from "./configuration.ts";

describe("moveConfiguration", () => {
    const place = { name: "elsewhere", port: 31999 };

    it("moves everything of the stack away from the dev stack", async () => {
        const committed = await readFile(join(projectRoot, "Pulumi.dev.yaml"), "utf8");
        const moved = moveConfiguration(committed, place);
        for (const own of [
            /30443/,
            /realms\/slipway/,
            /\.mcp\.svc/,
            /(namespace|realm): (mcp|slipway)/,
        ]) {
            assert.match(committed, own, "the dev stack has it");
            assert.doesNotMatch(moved, own);
        }
        const { config } = parse(moved) as { config: Record<string, Record<string, unknown>> };
        assert.equal(config["slipway:namespace"], place.name);
        assert.equal(config["slipway:registry"]?.["address"], "localhost:30500/elsewhere");
        assert.equal(config["slipway:gateway"]?.["port"], place.port);
        assert.deepEqual(config["slipway:gateway"]?.["exposure"], { nodePort: place.port });
        assert.equal(
            config["slipway:identity"]?.["issuer"],
            "https://localhost:30444/realms/elsewhere",
        );
    });

    it("adds the test server on request, and lets 'agent' call it", async () => {
        const committed = await readFile(join(projectRoot, "Pulumi.dev.yaml"), "utf8");
        const { config } = parse(moveConfiguration(committed, { ...place, probed: true })) as {
            config: {
                "slipway:servers": { name: string }[];
                "slipway:identity": { clients: { name: string; servers: string[] }[] };
            };
        };
        const servers = Object.keys(devServers).filter((name) => name !== "bye");
        servers.push("probe-server");
        assert.deepEqual(
            config["slipway:servers"].map(({ name }) => name),
            servers,
        );
        const callers = config["slipway:identity"].clients.filter(({ servers }) =>
            servers.includes("probe-server"),
        );
        assert.deepEqual(
            callers.map(({ name }) => name),
            ["agent"],
        );
    });

    it("changes nothing else", async () => {
        const committed = await readFile(join(projectRoot, "Pulumi.dev.yaml"), "utf8");
        const there = moveConfiguration(committed, place);
        const back = moveConfiguration(there, { name: "mcp", port: 30443 })
            .replaceAll("/realms/mcp", "/realms/slipway")
            .replace("realm: mcp", "realm: slipway")
            .replace("localhost:30500/elsewhere/mcp", "localhost:30500");
        assert.deepEqual(parse(back), parse(committed));
    });
});
