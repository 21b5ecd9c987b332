import assert from "node:assert/strict";
import { readBridgeOptions, type BridgeOptions } from "../src/bridgeOptions.ts";

const read = (args: string[], environment: NodeJS.ProcessEnv = {}) =>
    readBridgeOptions(args, environment) as BridgeOptions;

describe("readBridgeOptions", () => {
    it("has defaults that suit a laptop", () => {
        assert.deepEqual(read(["--", "server", "--port", "1"]), {
            command: ["server", "--port", "1"],
            port: 8000,
            host: "127.0.0.1",
            path: "/mcp",
            server: "server",
            allowedHosts: [],
            allowedOrigins: [],
            childEnvironment: [],
            graceSeconds: 30,
            callSeconds: 3600,
            startSeconds: 60,
        });
    });

    it("listens at every address in a pod", () => {
        const environment = { KUBERNETES_SERVICE_HOST: "10.96.0.1" };
        assert.equal(read(["--", "server"], environment).host, undefined);
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
        assert.deepEqual(read(["--port", "9001", "--", "server"], environment), {
            command: ["server"],
            port: 9001,
            host: "127.0.0.1",
            path: "/a/mcp",
            server: "fetch",
            allowedHosts: ["a.example.org", "b.example.org"],
            allowedOrigins: ["*"],
            childEnvironment: ["API_KEY"],
            graceSeconds: 5,
            callSeconds: 6,
            startSeconds: 7,
        });
    });
});
