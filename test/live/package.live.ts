import { KubeConfig } from "@kubernetes/client-node";
import {
    LocalWorkspace,
    type LocalWorkspaceOptions,
    Stack,
} from "@pulumi/pulumi/automation/index.js";
import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { stringify } from "yaml";

import { type Engine, openEngine, tellFailures } from "../../local/engine.ts";
import { projectRoot } from "../../local/stack.ts";
import { buildTool } from "../../local/toolchain/buildTool.ts";
import { installComponents } from "../support/installedComponents.ts";
import { testRun } from "../testRun/testRun.ts";
import { postThroughApiServer } from "./apiServerProxy.ts";
import { type LanguageHost, serveNodeLanguageHost } from "./nodeLanguageHost.ts";

const run = testRun();
const host = process.env["SLIPWAY_TEST_REGISTRY"] ?? "localhost:30500";
const image = {
    // The directory is beside the program: providers that the engine starts run there.
    directory: "images/add-numbers",
    registry: { address: `${host}/${run.name}` },
};
const server = {
    address: { host: "mcp.example.org" },
    healthPath: "/health",
    gatewayPods: { labels: { "app.kubernetes.io/component": "gateway" } },
    replicas: { min: 1, max: 1 },
    resources: { requests: { cpu: "10m" } },
    drainSeconds: 1,
    longestCallSeconds: 5,
};

describe("the components in a project that installed their package", function () {
    this.timeout(600_000);
    const project = join(run.directory, "package");
    let engine: Engine;
    let languages: LanguageHost;

    before(async () => {
        await mkdir(project);
        await symlink(join(projectRoot, "images"), join(project, "images"));
        await installComponents(project);
        engine = await openEngine(
            {},
            { packages: ["docker", "kubernetes", "random"], print: () => undefined },
        );
        languages = await serveNodeLanguageHost();
    });

    after(async () => {
        languages?.close();
        await engine?.close();
    });

    it("deploy the server of a TypeScript program", async () => {
        const namespace = `${run.name}-typescript`;
        const file = join(project, "index.ts");
        await writeFile(file, writeTypescript(namespace));
        await deployAndCall(namespace, {
            projectSettings: { name: "package", runtime: "nodejs", main: project },
            program: () => import(pathToFileURL(file).href) as Promise<Record<string, unknown>>,
        });
    });

    it("deploy the server of a YAML program", async () => {
        const namespace = `${run.name}-yaml`;
        await writeFile(join(project, "Pulumi.yaml"), writeYaml(namespace));
        await deployAndCall(namespace, {});
    });

    /** Deploys the server, calls a tool of it, and takes it away. */
    async function deployAndCall(
        namespace: string,
        program: Pick<LocalWorkspaceOptions, "program" | "projectSettings">,
    ): Promise<void> {
        const stack = await openStack(program);
        try {
            const { outputs } = await stack.up();
            assert.equal(outputs["resource"]?.value, "https://mcp.example.org/add-numbers/mcp");
            const kube = new KubeConfig();
            kube.loadFromDefault();
            const target = { namespace, kind: "services" as const, name: "add-numbers" };
            const params = { name: "add_numbers", arguments: { a: 2, b: 3 } };
            const { status, text } = await postThroughApiServer(kube, target, {
                method: "tools/call",
                params,
            });
            assert.equal(status, 200, text);
            assert.match(text, /"text":"5"/);
        } finally {
            await stack.destroy();
        }
    }

    async function openStack(
        program: Pick<LocalWorkspaceOptions, "program" | "projectSettings">,
    ): Promise<Stack> {
        const yaml = dirname(await buildTool("pulumi-language-yaml"));
        const workspace = await LocalWorkspace.create({
            workDir: project,
            pulumiCommand: engine.pulumiCommand,
            ...program,
            envVars: {
                ...engine.environment,
                PATH: [process.env["PATH"], yaml].join(delimiter),
                PULUMI_DEBUG_LANGUAGES: `nodejs:${languages.port}`,
                PULUMI_BACKEND_URL: `file://${project}`,
                PULUMI_CONFIG_PASSPHRASE: "not a secret: the stack holds test data",
                PULUMI_SKIP_UPDATE_CHECK: "true",
            },
        });
        const stack = await Stack.createOrSelect("test", workspace);
        tellFailures(stack, engine);
        return stack;
    }
});

function writeTypescript(namespace: string): string {
    return `
import { McpServer, ServerImage, ServerNamespace } from "slipway-components";

const place = new ServerNamespace("place", { namespace: ${JSON.stringify(namespace)}, protect: false });
const image = new ServerImage("add-numbers", ${JSON.stringify(image)});
const server = new McpServer("add-numbers", {
    ...${JSON.stringify(server)},
    namespace: place.namespace,
    image: image.reference,
});
export const resource = server.route.resource;
`;
}

function writeYaml(namespace: string): string {
    return stringify({
        name: "package",
        runtime: "yaml",
        packages: { slipway: "./node_modules/slipway-components" },
        resources: {
            place: { type: "slipway:ServerNamespace", properties: { namespace, protect: false } },
            image: { type: "slipway:ServerImage", name: "add-numbers", properties: image },
            server: {
                type: "slipway:McpServer",
                name: "add-numbers",
                properties: {
                    ...server,
                    namespace: "${place.namespace}",
                    image: "${image.reference}",
                },
            },
        },
        outputs: { resource: "${server.route.resource}" },
    });
}
