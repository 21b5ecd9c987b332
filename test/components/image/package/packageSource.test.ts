import assert from "node:assert/strict";

import {
    findPackageProblems,
    namePackage,
    readPackage,
} from "../../../../components/image/package/packageSource.ts";
import { writeStart } from "../../../../components/image/package/dockerfiles.ts";

describe("the source of a server that is a package", () => {
    const valid = [
        [{ npm: "@acme/weather-mcp@1.4.0" }, "npm-acme-weather-mcp", "1.4.0"],
        [{ npm: "weather.mcp@1.4.0-rc.1", with: ["zod@^4.1.0"] }, "npm-weather-mcp", "1.4.0-rc.1"],
        [{ pypi: "Weather_MCP@2025.4.25", with: ["mcp<2"] }, "pypi-weather-mcp", "2025.4.25"],
        [{ pypi: "weather-mcp[metric]@1.0b1", with: ["mcp"] }, "pypi-weather-mcp", "1.0b1"],
    ] as const;
    for (const [source, name, version] of valid) {
        it(`is image '${name}' for ${JSON.stringify(source)}`, () => {
            const given = { ...source, with: "with" in source ? [...source.with] : undefined };
            assert.deepEqual(findPackageProblems("source", given), []);
            assert.equal(namePackage(given), name);
            assert.equal(readPackage(given).version, version);
        });
    }

    const refused = [
        [{ npm: "@acme/weather-mcp" }, /^source\.npm: must be a package of npm with its exact/],
        [{ npm: "weather-mcp@^1.4.0" }, /^source\.npm: .*got 'weather-mcp@\^1\.4\.0'/],
        [{ npm: "weather-mcp@latest" }, /^source\.npm:/],
        [{ npm: "--registry@1.0.0" }, /^source\.npm:/],
        [{ pypi: "weather-mcp==1.4.0" }, /^source\.pypi: .*such as 'weather-mcp@1\.4\.0'/],
        [{ pypi: "--pre@1" }, /^source\.pypi:/],
        [{ pypi: "a@1", with: ["--index-url=x"] }, /^source\.with\[0\]: .*such as 'mcp<2'/],
        [{ pypi: "a@1", with: ["b @ https://b.example"] }, /^source\.with\[0\]:/],
        [{ npm: "a@1.0.0", with: ["b@file:../b"] }, /^source\.with\[0\]:/],
        [{ npm: "a@1.0.0", pypi: "a@1" }, /^source: must have exactly one of npm, pypi/],
        [{}, /^source: must have exactly one of npm, pypi, got none/],
    ] as const;
    for (const [source, expected] of refused) {
        it(`is refused as ${JSON.stringify(source)}`, () => {
            const given = { ...source, with: "with" in source ? [...source.with] : undefined };
            const [problem] = findPackageProblems("source", given);
            assert.match(`${problem?.path}: ${problem?.reason}`, expected);
        });
    }
});

describe("the command of a package of npm", () => {
    const cases = [
        ["@acme/weather", ["weather", "weather-admin"], /^exec ".*\/weather" "\$@"$/m],
        ["@acme/weather", ["serve"], /^exec ".*\/serve" "\$@"$/m],
        ["@acme/weather", ["b", "a"], /has the commands a, b; set 'command' to one of them/],
        ["@acme/weather", [], /has no command; set 'command' to one of its files/],
    ] as const;
    for (const [name, commands, expected] of cases) {
        it(`of [${commands.join(", ")}] is chosen, or its absence told`, () => {
            assert.match(writeStart(name, [...commands]), expected);
        });
    }
});
