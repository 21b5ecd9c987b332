// Runs on a test machine: `put` writes to every store of the platform, `check` starts the platform and fails unless all
// of it is still there.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";

import { paths } from "../../local/paths.ts";
import { ensurePlatform } from "../../local/platform.ts";

const platform = await ensurePlatform();
const kubectl = (...args: string[]) =>
    execFileSync(join(paths.platform, "bin/kubectl"), args, {
        encoding: "utf8",
        env: { ...process.env, ...platform.environment },
    });

if (process.argv[2] === "put") {
    kubectl("create", "configmap", "keepsake", "--from-literal=text=kept");
    kubectl("create", "deployment", "keepsake", "--image=slipway.local/pause:3.10");
    await callKeycloak("POST", "/admin/realms", JSON.stringify({ realm: "keepsake" }));
}
assert.match(kubectl("get", "configmap", "keepsake", "-o", "yaml"), /text: kept/);
kubectl("rollout", "status", "deployment/keepsake", "--timeout=120s");
assert.match(await callKeycloak("GET", "/admin/realms/keepsake"), /"realm":"keepsake"/);
const catalog = await fetch(`http://${platform.registry.address}/v2/_catalog`);
assert.match(await catalog.text(), /library\/nginx/);
execFileSync("docker", ["--host", platform.docker.host, "version"]);

async function callKeycloak(method: string, path: string, body?: string): Promise<string> {
    const { KEYCLOAK_USER = "", KEYCLOAK_PASSWORD = "" } = platform.environment;
    const form = new URLSearchParams({
        grant_type: "password",
        client_id: "admin-cli",
        username: KEYCLOAK_USER,
        password: KEYCLOAK_PASSWORD,
    });
    const token = await call("POST", "/realms/master/protocol/openid-connect/token", {
        type: "application/x-www-form-urlencoded",
        body: form.toString(),
    });
    const { access_token } = JSON.parse(token) as { access_token: string };
    return call(method, path, { token: access_token, type: "application/json", body });
}

function call(
    method: string,
    path: string,
    { token, type, body }: { token?: string; type: string; body?: string },
): Promise<string> {
    const ca = readFileSync(platform.caCertificateFile);
    const headers = {
        "content-type": type,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    return new Promise((resolve, reject) => {
        const options = { method, headers, ca };
        request(new URL(path, platform.keycloak.url), options, (response) => {
            let text = "";
            response.setEncoding("utf8").on("data", (part: string) => (text += part));
            response.on("end", () => {
                if ((response.statusCode ?? 500) < 300) resolve(text);
                else reject(new Error(`${method} ${path}: ${response.statusCode} ${text}`));
            });
        })
            .on("error", reject)
            .end(body);
    });
}
