import assert from "node:assert/strict";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Verifier } from "../../src/verifier/verifier.ts";
import { startIssuer, type Issuer } from "../support/issuer.ts";
import { ready, startTestVerifier } from "../support/startTestVerifier.ts";
import { until } from "../support/until.ts";

const event = "http://schemas.openid.net/event/backchannel-logout";

describe("two pods of the verifier", () => {
    let issuer: Issuer;
    let verifier: Verifier;
    const passedOn: [string | undefined, string][] = [];
    let status = 200;
    const peer = createServer((request: IncomingMessage, response) => {
        void text(request).then((body) => {
            passedOn.push([request.url, body]);
            response.writeHead(status).end();
        });
    });
    before(async () => {
        issuer = await startIssuer();
        // An address of this machine that none of its interfaces has: the verifier takes it for another pod.
        await new Promise<void>((resolve) => peer.listen(0, "127.0.0.2", resolve));
        const { port } = peer.address() as AddressInfo;
        const peers = { host: "127.0.0.2", port };
        verifier = await startTestVerifier(issuer.jwksUri, undefined, { peers });
        await until(() => ready(verifier));
    });
    after(async () => {
        await verifier.close();
        peer.close();
        peer.closeAllConnections();
        await issuer.stop();
    });

    async function logOut(headers = {}): Promise<[number, string]> {
        const claims = { aud: "agent", sid: "s1", sub: undefined, events: { [event]: {} } };
        const token = await issuer.sign({ ...claims, typ: "Logout" }, { typ: "logout+jwt" });
        const body = String(new URLSearchParams({ logout_token: token }));
        const response = await fetch(
            `http://127.0.0.1:${verifier.managementPort}/backchannel-logout`,
            {
                method: "POST",
                headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
                body,
            },
        );
        return [response.status, body];
    }

    it("both learn of a logout that one is told of, and answer when both know", async () => {
        const [answered, body] = await logOut();
        assert.equal(answered, 200);
        assert.deepEqual(passedOn.splice(0), [["/backchannel-logout", body]]);
    });

    it("do not pass on what was passed on", async () => {
        assert.equal((await logOut({ "x-slipway-passed-on": "1" }))[0], 200);
        assert.deepEqual(passedOn, []);
    });

    it("answer 500 when the other did not take it, so that the issuer may repeat it", async () => {
        status = 503;
        assert.equal((await logOut())[0], 500);
    });
});
