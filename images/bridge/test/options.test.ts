import assert from "node:assert/strict";
import { optionTable, type BridgeOptions } from "../src/options/bridgeOptions.ts";
import { readOptions } from "../src/options/readOptions.ts";
import { usage } from "../src/options/usage.ts";

const read = (args: string[], environment: NodeJS.ProcessEnv = {}) =>
    readOptions(args, environment) as BridgeOptions;

describe("readOptions", () => {
    it("has defaults that suit a laptop", () => {
        const { command, port, host, path, server, isolation, identity, tools } = read([
            "--",
            "server",
            "--port",
            "1",
        ]);
        assert.deepEqual(
            { command, port, host, path, server, isolation, identity, tools },
            {
                command: ["server", "--port", "1"],
                port: 8000,
                host: "127.0.0.1",
                path: "/mcp",
                server: "server",
                isolation: "auto",
                identity: "none",
                tools: [],
            },
        );
    });

    it("listens at every address in a pod", () => {
        const environment = { KUBERNETES_SERVICE_HOST: "10.96.0.1" };
        assert.equal(read(["--", "server"], environment).host, "*");
        assert.equal(read(["--", "server"], environment).identity, "headers");
        const given = { ...environment, SLIPWAY_HOST: "127.0.0.1" };
        assert.equal(read(["--", "server"], given).host, "127.0.0.1");
    });

    it("takes its variables, and a flag before its variable", () => {
        const environment = {
            PORT: "9000",
            SLIPWAY_PATH: "/a/mcp",
            SLIPWAY_SERVER: "fetch",
            SLIPWAY_ALLOWED_HOSTS: "a.example.org, b.example.org,",
            SLIPWAY_ALLOWED_ORIGINS: "*",
            SLIPWAY_CHILD_ENV: "API_KEY",
            SLIPWAY_GRACE_SECONDS: "5",
            SLIPWAY_CALL_SECONDS: "6",
            SLIPWAY_START_SECONDS: "7",
        };
        const options = read(["--port", "9001", "--", "server"], environment);
        const expected = {
            port: 9001,
            path: "/a/mcp",
            server: "fetch",
            allowedHosts: ["a.example.org", "b.example.org"],
            allowedOrigins: ["*"],
            childEnvironment: ["API_KEY"],
            graceSeconds: 5,
            callSeconds: 6,
            startSeconds: 7,
        };
        assert.deepEqual({ ...options, ...expected }, options);
    });

    it("demands a token of every caller when it knows an issuer", () => {
        const flags = [
            "--issuer",
            "https://id.example.org",
            "--audience",
            "https://a.example.org/mcp",
        ];
        assert.equal(read([...flags, "--", "server"]).identity, "token");
    });

    const refused: [what: string, args: string[], ...named: RegExp[]][] = [
        ...(
            [
                "call-seconds",
                "start-seconds",
                "session-idle-seconds",
                "session-seconds",
                "max-sessions",
                "max-children",
                "max-in-flight",
                "max-in-flight-per-principal",
                "parked-seconds",
                "max-body-bytes",
                "max-line-bytes",
                "max-header-bytes",
            ] as const
        ).map(
            (flag) =>
                [
                    `${flag} 0, with which no call could be served`,
                    [`--${flag}`, "0", "--", "s"],
                    new RegExp(`--${flag} .*from 1(024)? to .*got '0'`),
                ] as [string, string[], RegExp],
        ),
        ["no command", [], /command: must follow '--'/],
        ["a flag it does not have", ["--prot", "1", "--", "s"], /--prot/],
        [
            "two mistakes at once",
            ["--port", "x", "--isolation", "none", "--", "s"],
            /--port .*got 'x'/,
            /--isolation .*shared.*got 'none'/,
        ],
        [
            "an issuer without an audience",
            ["--issuer", "https://i.example.org", "--", "s"],
            /--audience/,
        ],
        [
            "processes by caller without callers",
            ["--isolation", "principal", "--", "s"],
            /--isolation .*must know who calls/,
        ],
        [
            "replicas that cannot trust each other",
            ["--peers", "p.ns.svc", "--", "s"],
            /--peers .*--key-file/,
        ],
        [
            "origins that no browser sends",
            ["--cors-origins", "https://a.example.org,https://b.example.org/,b", "--", "s"],
            /--cors-origins .*got 'https:\/\/b.example.org\/', 'b'$/,
        ],
        ["pairs that are none", ["--tool-scopes", "echo", "--", "s"], /--tool-scopes .*NAME=VALUE/],
    ];
    for (const [what, args, ...named] of refused) {
        it(`refuses ${what}`, () => {
            const { problems } = readOptions(args, {}) as { problems: string[] };
            assert.equal(problems.length, named.length, problems.join("\n"));
            named.forEach((pattern, at) => assert.match(problems[at] ?? "", pattern));
        });
    }

    it("has defaults that it takes itself", () => {
        const defaults = read(["--", "s"]);
        for (const [name, { flag, help }] of Object.entries(optionTable)) {
            const [, written] = /\(default (\d+)\)$/.exec(help) ?? [];
            if (written !== undefined) {
                const again = read([`--${flag}`, written, "--", "s"]);
                assert.deepEqual({ ...again, [name]: Number(written) }, defaults, flag);
            }
        }
    });

    it("has help that names every flag and variable", () => {
        for (const { flag, variable } of Object.values(optionTable)) {
            assert.ok(usage.includes(`--${flag} (${variable})`), flag);
        }
    });
});
