import * as tls from "@pulumi/tls";
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, get } from "node:https";
import type { AddressInfo } from "node:net";

import { provideCertificate } from "../../../components/gateways/certificate.ts";
import { openProviderStack } from "../../providers/providerStack.ts";
import { only, recordResources } from "../../support/recordResources.ts";

/** Certificates of two gateways at one host, or of one before and after a renewal, with their keys. */
async function makeCertificates(): Promise<{ cert: string; key: string }[]> {
    const recording = await recordResources(() =>
        provideCertificate("gateway", ["localhost"], { selfSigned: true }, "tools", {}),
    );
    const args = only(recording, "SelfSignedCert").inputs as tls.SelfSignedCertArgs;
    const opened = await openProviderStack(["tls"], { environment: {}, official: false });
    opened.use(() => {
        const made = ["one", "two"].map((name) => {
            const key = new tls.PrivateKey(name, { algorithm: "ECDSA", ecdsaCurve: "P256" });
            const { privateKeyPem } = key;
            const { certPem } = new tls.SelfSignedCert(name, { ...args, privateKeyPem });
            return { cert: certPem, key: privateKeyPem };
        });
        return Promise.resolve({ made });
    });
    try {
        await opened.stack.up();
        const { made } = await opened.stack.outputs();
        return made!.value as { cert: string; key: string }[];
    } finally {
        await opened.stack.destroy();
        await opened.close();
    }
}

/** The status of a server with a certificate, or why it is not trusted. */
async function call(served: { cert: string; key: string }, trusted: string[]): Promise<unknown> {
    const server = createServer(served, (_, response) => response.end());
    await once(server.listen(0, "localhost"), "listening");
    const { port } = server.address() as AddressInfo;
    try {
        return await new Promise((resolve) => {
            const options = { host: "localhost", port, ca: trusted, agent: false };
            get(options, (response) => resolve(response.resume().statusCode)).on(
                "error",
                ({ message }) => resolve(message),
            );
        });
    } finally {
        server.close();
    }
}

describe("self-signed certificates", function () {
    this.timeout(60_000);

    let made: { cert: string; key: string }[];

    before(async () => {
        made = await makeCertificates();
    });

    it("of one host are told apart by clients that trust all of them", async () => {
        const pems = made.map(({ cert }) => cert);
        for (const trusted of [pems, pems.toReversed()]) {
            for (const served of made) assert.equal(await call(served, trusted), 200);
        }
    });

    it("are trusted by nobody who was not given them", async () => {
        const [one, two] = made;
        assert.match(String(await call(one!, [two!.cert])), /certificate/);
    });
});
