import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";

/** An introspection endpoint (RFC 7662) that a test can change. */
export interface FakeIntrospection {
    endpoint: string;
    /** Directory with the files of its client. */
    credentials: string;
    /** Tokens it calls revoked. */
    revoked: Set<string>;
    /** Status of its answers. */
    status: number;
    /** Credentials it was asked with. */
    asked: string[];
    stop(): void;
}

/** Starts an introspection endpoint at a free port. */
export async function startIntrospection(): Promise<FakeIntrospection> {
    const server = createServer((request, response) => {
        void text(request).then((body) => {
            const token = new URLSearchParams(body).get("token") ?? "";
            const [, encoded = ""] = (request.headers.authorization ?? "").split(" ");
            fake.asked.push(Buffer.from(encoded, "base64").toString());
            response.statusCode = fake.status;
            response.end(JSON.stringify({ active: !fake.revoked.has(token) }));
        });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const credentials = mkdtempSync(join(tmpdir(), "introspection-"));
    writeFileSync(join(credentials, "client_id"), "verifier");
    writeFileSync(join(credentials, "client_secret"), "s:1\n");
    const fake: FakeIntrospection = {
        endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/introspect`,
        credentials,
        revoked: new Set(),
        status: 200,
        asked: [],
        stop: () => {
            server.close();
            server.closeAllConnections();
        },
    };
    return fake;
}
