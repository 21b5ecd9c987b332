import assert from "node:assert/strict";

import { clientKinds, type ClientName } from "../../components/index.ts";
import { chooseEndpoints, describeSetup, readClient } from "../../local/clientSetup.ts";
import { parseOutputs } from "../../verify/outputs.ts";

const issuer = "https://auth.example.org/realms/tools";
const outputs = parseOutputs({
    endpoints: {
        docs: "https://mcp.example.org/docs/mcp",
        maps: "https://mcp.example.org/maps/mcp",
    },
    clients: {},
    clientSecrets: {},
    issuer,
});
const files = { caFile: "/state/ca.pem", credentialsFile: "/state/agent.json" };

describe("npm run connect", () => {
    it("configures every server for a client that takes several", () => {
        const chosen = chooseEndpoints(outputs, "cursor", undefined);
        assert.deepEqual(
            chosen.map(({ server }) => server),
            ["docs", "maps"],
        );
    });

    it("configures the wanted server, with the issuer of its tokens", () => {
        const chosen = chooseEndpoints(outputs, "python", "maps");
        assert.deepEqual(chosen, [
            { server: "maps", url: "https://mcp.example.org/maps/mcp", issuer },
        ]);
    });

    const refusals = [
        {
            name: "an unknown client",
            ask: () => readClient("curser"),
            message: /^client: must be one of 'claudeCode', .*, got 'curser'$/,
        },
        {
            name: "an unknown server",
            ask: () => chooseEndpoints(outputs, "cursor", "dogs"),
            message: /^server: must be one of 'docs', 'maps', got 'dogs'$/,
        },
        {
            name: "a program without a server",
            ask: () => chooseEndpoints(outputs, "python", undefined),
            message: /^server: Python SDK takes one of 'docs', 'maps', got none$/,
        },
        {
            name: "a stack that was deployed before there were configurations",
            ask: () => chooseEndpoints({ ...outputs, issuer: undefined }, "cursor", undefined),
            message: /^issuer: .*; run 'npm run up' first$/,
        },
    ];
    for (const { name, ask, message } of refusals) {
        it(`refuses ${name}`, () => {
            assert.throws(ask, { message });
        });
    }

    it("says for every client where the text goes, how to get a token, and what happens when it expires", () => {
        for (const client of Object.keys(clientKinds) as ClientName[]) {
            const setup = describeSetup(client, "agent", files).join("\n");
            assert.ok(setup.includes(`goes into: ${clientKinds[client].file}`), client);
            assert.match(setup, /npm run --silent token -- agent (--raw|--json --show-secret)/);
            assert.match(setup, /when a token expires/);
        }
    });

    it("names the stack in every command", () => {
        const target = { stack: "mine" };
        const commands = (Object.keys(clientKinds) as ClientName[])
            .flatMap((client) => describeSetup(client, "agent", files, target))
            .flatMap((line) => /npm run [^)>:]*/.exec(line)?.[0] ?? []);
        assert.ok(commands.length > 20);
        for (const command of commands) assert.match(command, / --stack mine/);
    });

    it("writes no secret to a file that others can read", () => {
        const setup = describeSetup("claudeDesktop", "agent", files).join("\n");
        assert.match(setup, /\(umask 077; .* > \/state\/agent\.json\)/);
    });
});
