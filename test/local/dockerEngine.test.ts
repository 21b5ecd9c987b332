import assert from "node:assert/strict";

import { buildConfig } from "../../local/mirror/dockerEngine.ts";

describe("the configuration of the platform's Docker engine", () => {
    const cases = [
        {
            engine: "of Debian 12 (20.10)",
            help: "  --oom-score-adjust int\n  --mtu int",
            adjusts: true,
        },
        { engine: "of Debian 13 (26.1)", help: "  --mtu int", adjusts: false },
    ];
    for (const { engine, help, adjusts } of cases) {
        it(`has only directives that the engine ${engine} knows`, () => {
            assert.equal("oom-score-adjust" in buildConfig({ mtu: 1400 }, help), adjusts);
        });
    }
});
