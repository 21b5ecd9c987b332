import assert from "node:assert/strict";

import { makeLocalCertificate } from "../../../support/localCertificate.ts";
import { type FakePod, startPod, tellWhatWasSeen, verify } from "./fakeServers.ts";
import { type RealNginx, startNginx } from "./realNginx.ts";

describe("the NGINX configuration of a server with certificate-bound tokens", function () {
    this.timeout(60_000);
    let server: FakePod;
    let verifier: FakePod;
    let nginx: RealNginx;

    before(async () => {
        server = await startPod(tellWhatWasSeen);
        verifier = await startPod(verify);
        const addresses = { podsHost: "127.0.0.1", serviceHost: "127.0.0.1" };
        const route = {
            server: "bound",
            host: "localhost",
            prefix: "/bound",
            stripPrefix: true,
            publicPaths: ["/mcp"],
            openPaths: [],
            ...addresses,
            port: server.port,
            resource: "https://localhost/bound/mcp",
            scopes: ["mcp:bound"],
            certificateBound: true,
            limits: { requestsPerSecond: 100, burst: 100, bodyMebibytes: 1 },
            cors: { origins: [] },
            longestCallSeconds: 5,
        };
        nginx = await startNginx(
            {
                hosts: ["localhost"],
                publicPort: 443,
                behindProxy: false,
                routes: [route],
                verifier: { ...addresses, port: verifier.port },
                longestCallSeconds: 5,
            },
            53,
        );
    });

    after(async () => {
        await nginx?.close();
        await Promise.all([server?.close(), verifier?.close()]);
    });

    /** The certificate that the verifier is told of for a call with a forged one in a header. */
    async function toldCertificate(client: { cert?: string; key?: string }) {
        const headers = { authorization: "Bearer good", "x-client-certificate": "forged" };
        const { status, text } = await nginx.call("/bound/mcp", { ...client, headers });
        assert.equal(status, 200, text);
        return verifier.seen.at(-1)!.headers["x-client-certificate"];
    }

    it("tells the verifier the certificate with which the client proved its key", async () => {
        const { certificate, key } = await makeLocalCertificate();
        const told = await toldCertificate({ cert: certificate, key });
        assert.equal(decodeURIComponent(String(told)).trim(), certificate.trim());
    });

    it("tells the verifier no certificate of a client without one, whatever the client says", async () => {
        assert.equal(await toldCertificate({}), undefined);
    });
});
