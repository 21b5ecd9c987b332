import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

import {
    renderNginxConfiguration,
    revisionOf,
    splitFile,
} from "../../../../components/gateways/nginx/configuration.ts";
import { checkScript } from "../../../../components/gateways/nginx/scripts.ts";
import { installNginx } from "./installNginx.ts";

const run = promisify(execFile);

/** The check that a new pod of the configuration server makes, with a real NGINX. */
describe("the check of an NGINX configuration", function () {
    this.timeout(60_000);
    let directory: string;
    let text: string;

    beforeEach(async () => {
        directory = await mkdtemp(join(tmpdir(), "slipway-check-"));
        await writeFile(join(directory, "resolv.conf"), "search x\nnameserver 10.96.0.10\n");
        text = renderNginxConfiguration(
            {
                hosts: ["localhost"],
                publicPort: 443,
                behindProxy: false,
                routes: [
                    {
                        server: "weather",
                        host: "localhost",
                        prefix: "/weather",
                        stripPrefix: true,
                        publicPaths: ["/mcp"],
                        openPaths: [],
                        podsHost: "weather.test",
                        serviceHost: "weather.test",
                        port: 8000,
                        resource: "https://localhost/weather/mcp",
                        scopes: [],
                        limits: { requestsPerSecond: 10, burst: 10, bodyMebibytes: 1 },
                        cors: { origins: [] },
                        longestCallSeconds: 5,
                    },
                ],
                verifier: { podsHost: "pods.test", serviceHost: "service.test", port: 8080 },
                longestCallSeconds: 5,
            },
            {
                ports: { tls: 38443, plain: 38080, health: 38081 },
                temporary: directory,
                accessLog: join(directory, "access.log"),
            },
        );
    });

    afterEach(() => rm(directory, { recursive: true }));

    async function check(parts: string[]) {
        for (const [index, part] of parts.entries()) {
            const place = join(directory, "parts", String(index + 1).padStart(3, "0"));
            await mkdir(place, { recursive: true });
            await writeFile(join(place, "part"), part);
        }
        return run("/bin/sh", ["-c", checkScript], {
            env: {
                PATH: `${dirname(await installNginx())}:${process.env["PATH"]}`,
                STATE_DIRECTORY: directory,
                PARTS_DIRECTORY: join(directory, "parts"),
                RESOLV_CONF: join(directory, "resolv.conf"),
                TERMINATION_LOG: join(directory, "message"),
            },
        });
    }

    it("offers what passes, put together from its parts, without a certificate", async () => {
        const parts = splitFile(text, 2000);
        assert.ok(parts.length > 3);
        await check(parts);
        const served = join(directory, "served");
        const revision = (await readFile(join(served, "revision"), "utf8")).trim();
        assert.match(revision, new RegExp(`^[0-9]+-${revisionOf(text)}$`));
        assert.equal(await readFile(join(served, revision, "nginx.conf"), "utf8"), text);
    });

    it("ends with NGINX's own words when that refuses it, and offers nothing", async () => {
        const wrong = text.replace("proxy_buffering off;", "proxy_bufering off;");
        await assert.rejects(check([wrong]), { code: 1 });
        const message = await readFile(join(directory, "message"), "utf8");
        assert.match(
            message,
            /^nginx: \[emerg\] unknown directive "proxy_bufering" in nginx.conf:\d+\n$/,
        );
        await assert.rejects(readFile(join(directory, "served/revision")));
    });
});
