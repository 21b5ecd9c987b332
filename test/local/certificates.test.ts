import assert from "node:assert/strict";

import { evaluate } from "./evaluate.ts";

const prologue = `
    const { X509Certificate, createPrivateKey } = await import("node:crypto");
    const { readFileSync, rmSync, statSync } = await import("node:fs");
    const { ensureAuthority, ensureCertificate } = await load("cluster/certificates.ts");
    const read = (files) => new X509Certificate(readFileSync(files.certificate));
    const print = (value) => console.log(JSON.stringify(value));
    const authority = await ensureAuthority("test");
    const request = { commonName: "server", organization: "group", names: ["localhost"], addresses: ["10.0.0.1"] };
    const first = await ensureCertificate("server", authority, request);
`;

async function print(text: string): Promise<unknown> {
    const { stdout, stderr } = await evaluate(prologue + text);
    assert.equal(stderr, "");
    return JSON.parse(stdout);
}

describe("certificates", () => {
    it("are signed by their authority, for the requested names and addresses", async () => {
        const found = await print(`
            const certificate = read(first);
            const issuer = read(authority);
            print({
                issued: certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey),
                authorities: [issuer.ca, certificate.ca],
                subject: certificate.subject,
                names: certificate.subjectAltName,
                fits: certificate.checkPrivateKey(createPrivateKey(readFileSync(first.key))),
                mode: statSync(first.key).mode & 0o777,
            });
        `);
        assert.deepEqual(found, {
            issued: true,
            authorities: [true, false],
            subject: "O=group\nCN=server",
            names: "DNS:localhost, IP Address:10.0.0.1",
            fits: true,
            mode: 0o600,
        });
    });

    const cases = [
        { what: "nothing changed", change: "", kept: true },
        { what: "another name is requested", change: `request.names.push("other");`, kept: false },
        { what: "the key is lost", change: `rmSync(first.key);`, kept: false },
        {
            what: "the authority has changed",
            change: `
                rmSync(authority.certificate);
                await ensureAuthority("test");
            `,
            kept: false,
        },
        {
            what: "less than a month is left",
            change: `
                const now = Date.now() + 9.95 * 365 * 86_400_000;
                Date.now = () => now;
            `,
            kept: false,
        },
    ];
    for (const { what, change, kept } of cases) {
        it(`${kept ? "are kept" : "are renewed"} when ${what}`, async () => {
            const same = await print(`
                const before = read(first).fingerprint256;
                ${change}
                const again = read(await ensureCertificate("server", authority, request));
                print(again.fingerprint256 === before);
            `);
            assert.equal(same, kept);
        });
    }

    it("that are not valid yet cause an error with both times and the repair", async () => {
        const message = String(
            await print(`
                const now = Date.now();
                const real = Date;
                globalThis.Date = class extends real {
                    constructor(...args) { super(...(args.length > 0 ? args : [now - 2 * 3_600_000])); }
                };
                await ensureCertificate("server", authority, request).catch(({ message }) => print(message));
            `),
        );
        assert.match(
            message,
            /^certificate '.*\/server\.crt': is valid from \S+Z on, and this machine's clock says \S+Z; set the clock/,
        );
        const [from = "", clock = ""] = message.match(/\d{4}-\S+Z/g) ?? [];
        assert.equal(Math.round((Date.parse(from) - Date.parse(clock)) / 3_600_000), 1);
    });

    it("are valid on a machine whose clock is put back by an hour", async () => {
        const same = await print(`
            const now = Date.now() - 3_590_000;
            const before = read(first).fingerprint256;
            const real = Date;
            globalThis.Date = class extends real {
                constructor(...args) { super(...(args.length > 0 ? args : [now])); }
                static now() { return now; }
            };
            const again = read(await ensureCertificate("server", authority, request));
            print(again.fingerprint256 === before);
        `);
        assert.equal(same, true);
    });
});
