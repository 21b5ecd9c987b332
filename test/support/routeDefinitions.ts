import type { V1CustomResourceDefinition } from "@kubernetes/client-node";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";

import { findGo } from "../../local/toolchain/findGo.ts";
import { findShared } from "./sharedSchemas.ts";

const run = promisify(execFile);

/** The last version of the controller that is a Go module with its definitions. */
const controllerModule = "github.com/apache/apisix-ingress-controller@v1.8.4";

const shared = [
    "apisix/crd-apisixroutes-2.2.0.yaml",
    "apisix/crd-apisixtlses-2.2.0.yaml",
    "apisix/crd-apisixupstreams-2.2.0.yaml",
];

const nginxInc = [
    "nginx/crd-policies-5.5.4.yaml",
    "nginx/crd-virtualservers-5.5.4.yaml",
    "nginx/crd-virtualserverroutes-5.5.4.yaml",
];

/** Definitions of APISIX 1.8 from their Go module. */
export async function readApisixDefinitions(): Promise<V1CustomResourceDefinition[]> {
    const go = await findGo();
    const download = ["mod", "download", "-json", controllerModule];
    const { stdout } = await run(go, download, { cwd: tmpdir() });
    const { Dir: directory } = JSON.parse(stdout) as { Dir: string };
    return ["ApisixRoute", "ApisixTls", "ApisixUpstream"].map((kind) =>
        read(join(directory, "samples/deploy/crd/v1", `${kind}.yaml`)),
    );
}

/** Definitions of APISIX 2.2, where somebody has put them beside the checkout. */
export function readNewApisixDefinitions(): V1CustomResourceDefinition[] {
    return readShared(shared);
}

/** Definitions of F5's controller, where somebody has put them beside the checkout. */
export function readNginxIncDefinitions(): V1CustomResourceDefinition[] {
    return readShared(nginxInc);
}

function readShared(files: string[]): V1CustomResourceDefinition[] {
    return files.flatMap((file) => {
        const path = findShared(file);
        return path === undefined ? [] : [read(path)];
    });
}

function read(path: string): V1CustomResourceDefinition {
    return parse(readFileSync(path, "utf8")) as V1CustomResourceDefinition;
}
