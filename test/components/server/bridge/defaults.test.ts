import assert from "node:assert/strict";

import { bridgeDefaults, serverDefaults } from "../../../../components/server/defaults.ts";
import { optionTable } from "../../../../images/bridge/src/options/bridgeOptions.ts";

describe("bridgeDefaults", () => {
    it("are the defaults of the bridge image, besides REST", () => {
        // The bridge is told about REST in any case.
        const { isolation, sessions, processes, calls, checkArguments } = bridgeDefaults;
        const settings = { isolation, sessions, processes, calls, checkArguments };
        const defaults = Object.fromEntries(
            Object.entries(optionTable).map(([name, { parse }]) => [name, parse("", {})]),
        );
        const valueOf = (name: keyof typeof optionTable) =>
            (defaults[name] as { value?: unknown }).value;
        assert.deepEqual(
            {
                isolation: valueOf("isolation"),
                sessions: {
                    idleSeconds: valueOf("sessionIdleSeconds"),
                    lifetimeSeconds: valueOf("sessionSeconds"),
                    max: valueOf("maxSessions"),
                },
                processes: { max: valueOf("maxChildren"), warm: valueOf("warmChildren") },
                calls: {
                    max: valueOf("maxInFlight"),
                    maxPerCaller: valueOf("maxInFlightPerPrincipal"),
                },
                checkArguments: valueOf("checkArguments"),
            },
            settings,
        );
    });

    it("accept requests up to the gateway's limit", () => {
        const { parse } = optionTable.maxBodyBytes;
        const mebibytes = serverDefaults.limits.bodyMebibytes;
        assert.deepEqual(parse("", {}), { value: mebibytes * 1024 * 1024 });
    });
});
