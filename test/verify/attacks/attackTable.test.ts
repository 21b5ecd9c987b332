import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:https";
import type { Server } from "node:https";
import type { AddressInfo } from "node:net";

import type { AttackTarget } from "../../../verify/attacks/attack.ts";
import { attackTable } from "../../../verify/attacks/attackTable.ts";
import { refuseFailures, runAttacks } from "../../../verify/attacks/runAttacks.ts";
import type { AttackResult } from "../../../verify/attacks/runAttacks.ts";
import { trustCertificates } from "../../../verify/verifyStack.ts";
import { makeLocalCertificate } from "../../support/localCertificate.ts";

/** A token of the right form; the gateway under attack accepts whatever it gets. */
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const token = `${part({ alg: "RS256", kid: "a" })}.${part({ iss: "https://localhost:1" })}.${part({})}`;

describe("the attack table", () => {
    let open: Server;
    let results: AttackResult[];
    const printed: string[] = [];

    before(async () => {
        const { certificate, key } = await makeLocalCertificate();
        trustCertificates(certificate);
        open = createServer({ cert: certificate, key, minVersion: "TLSv1.2" }, (_, response) => {
            response.end('{"jsonrpc":"2.0","id":1,"result":{}}');
        });
        await once(open.listen(0, "127.0.0.1"), "listening");
        const url = new URL(`https://localhost:${(open.address() as AddressInfo).port}/docs/mcp`);
        const target: AttackTarget = { url, token, otherToken: token, foreignToken: token };
        const quick = attackTable.filter(({ slow, group }) => slow !== true && group !== "HTTP/2");
        results = await runAttacks(target, quick, (line) => printed.push(line));
    });

    after(() => void open.close());

    it("has a name of its own for each of at least 70 cases", () => {
        const names = attackTable.map(({ group, name }) => `${group}: ${name}`);
        assert.deepEqual(
            names.filter((name, index) => names.indexOf(name) !== index),
            [],
        );
        assert.ok(names.length >= 70, String(names.length));
    });

    it("reports every attack on tokens, paths and hosts that a server without checks lets through", () => {
        for (const { attack, verdict, got } of results) {
            const checked = ["tokens", "paths", "hosts", "REST"].includes(attack.group);
            if (!checked || attack.legitimate === true || verdict === "not applicable") continue;
            // Node's own parser refuses some of them, and an issuer that is not there has no key to confuse.
            if (/^(4\d\d|closed|fetch failed)/.test(got)) continue;
            assert.equal(verdict, "let through", `${attack.name}: ${got}`);
        }
        assert.ok(results.filter(({ verdict }) => verdict === "let through").length > 50);
    });

    it("leaves out what the target has nothing for", () => {
        const left = results.filter(({ verdict }) => verdict === "not applicable");
        assert.ok(left.length > 0);
        assert.ok(left.every(({ attack }) => attack.needs !== undefined));
    });

    it("fails with each attack that was let through, and prints every case", () => {
        assert.throws(
            () => refuseFailures(results),
            /✖ tokens +no Authorization +200, expected 401, LET THROUGH/,
        );
        assert.equal(printed.length, results.length + 1);
        assert.match(printed.at(-1)!, /^\d+ attacks: .* let through, \d+ not applicable$/);
    });
});
