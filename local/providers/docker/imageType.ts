import { join } from "node:path";

import { differenceOf } from "../protocol/difference.ts";
import { findUnsupported } from "../protocol/inputRules.ts";
import type { CheckFailure, CheckResult, Operation, ResourceType } from "../protocol/provider.ts";
import {
    containsUnknown,
    isValues,
    objectOf,
    textOf,
    textsOf,
    unknown,
} from "../protocol/values.ts";
import type { Values } from "../protocol/values.ts";
import { hashContext } from "./buildContext.ts";
import type { BuildContext } from "./buildContext.ts";
import { buildImage, localId, pushImage } from "./engine.ts";
import type { RegistryLogin } from "./engine.ts";
import { splitImageName } from "./imageName.ts";

/** The engine's built-in builder; BuildKit needs a separate client. */
const classicBuilder = "BuilderV1";

/** Platform of builds that specify none. */
const hostPlatform = `linux/${process.arch === "x64" ? "amd64" : process.arch}`;

/**
 * `docker.Image`: a directory built by the Docker engine and pushed to its registry.
 *
 * As with the official plugin, every change builds and pushes again as an update of the same resource, no image is ever
 * deleted from a registry or an engine (undoing a rollout may need it), and a refresh queries neither.
 */
export const imageType: ResourceType = {
    secretOutputs: ["__inputs"],
    check: ({ inputs }) => ({ ...checkImage(inputs), secretInputs: ["registry.password"] }),
    diff: ({ oldInputs, oldOutputs, inputs }) =>
        differenceOf(comparable(inputsOf(oldOutputs, oldInputs)), comparable(inputs), () => false),
    create: async (operation) => {
        const { inputs, preview } = operation;
        const outputs = preview ? outputsOf(inputs, unknown) : await buildAndPush(operation);
        return { id: textOf(inputs, "imageName") ?? "", outputs };
    },
    update: (operation) =>
        operation.preview
            ? Promise.resolve(outputsOf(operation.inputs, unknown))
            : buildAndPush(operation),
    read: ({ id, oldInputs = {}, oldOutputs }) =>
        Promise.resolve({ id, inputs: oldInputs, outputs: oldOutputs }),
    delete: () => Promise.resolve(),
};

function checkImage(inputs: Values): CheckResult {
    const build = { platform: hostPlatform, ...objectOf(inputs, "build") };
    const complete: Values = { ...inputs, build };
    const failures = findUnhonoured(inputs);
    if (failures.length > 0) return { inputs: complete, failures };
    if (containsUnknown(inputs["imageName"]) || containsUnknown(build)) {
        return { inputs: complete };
    }
    try {
        splitImageName(textOf(inputs, "imageName") ?? "");
    } catch (error) {
        const reason = (error as Error).message;
        return { inputs: complete, failures: [{ property: "imageName", reason }] };
    }
    try {
        const contextDigest = hashContext(contextOf(complete));
        return { inputs: { ...complete, build: { ...build, contextDigest } } };
    } catch (error) {
        const reason = (error as Error).message;
        return { inputs: complete, failures: [{ property: "build", reason }] };
    }
}

/** Supported properties of an image and of its build. */
const imageProperties = ["imageName", "build", "registry", "skipPush", "buildOnPreview"];
const buildProperties = [
    ...["addHosts", "args", "builderVersion", "cacheFrom", "context", "contextDigest"],
    ...["dockerfile", "network", "platform", "target"],
];

/** Refuses properties that would not reach the engine. */
function findUnhonoured(inputs: Values): CheckFailure[] {
    const build = objectOf(inputs, "build");
    const failures = [
        ...findUnsupported("docker", inputs, imageProperties),
        ...findUnsupported("docker", build, buildProperties, "build."),
    ];
    if (inputs["buildOnPreview"] === true) {
        const reason = "must be false or left out with the stand-in, got true";
        failures.push({ property: "buildOnPreview", reason });
    }
    const builder = textOf(build, "builderVersion") ?? classicBuilder;
    if (builder !== classicBuilder) {
        const reason = `must be '${classicBuilder}' or left out with the stand-in, got '${builder}'`;
        failures.push({ property: "build.builderVersion", reason });
    }
    return failures;
}

async function buildAndPush({
    inputs,
    log,
    signal,
}: Pick<Operation, "log" | "signal"> & { inputs: Values }): Promise<Values> {
    const imageName = textOf(inputs, "imageName") ?? "";
    const build = objectOf(inputs, "build");
    const args = Object.entries(objectOf(build, "args")).map(([name, value]) => [
        name,
        typeof value === "string" ? value : JSON.stringify(value),
    ]);
    await buildImage(
        imageName,
        {
            context: contextOf(inputs),
            args: Object.fromEntries(args) as Record<string, string>,
            platform: textOf(build, "platform"),
            target: textOf(build, "target"),
            network: textOf(build, "network"),
            addHosts: textsOf(build, "addHosts"),
            cacheFrom: textsOf(objectOf(build, "cacheFrom"), "images"),
        },
        { log, signal },
    );
    if (inputs["skipPush"] === true) return outputsOf(inputs, await localId(imageName));
    return outputsOf(inputs, await pushImage(imageName, loginOf(inputs), { log, signal }));
}

function outputsOf(inputs: Values, repoDigest: string): Values {
    const build = objectOf(inputs, "build");
    return {
        baseImageName: inputs["imageName"] ?? unknown,
        imageName: inputs["imageName"] ?? unknown,
        context: build["context"] ?? ".",
        dockerfile: build["dockerfile"] ?? "Dockerfile",
        platform: build["platform"] ?? unknown,
        registryServer: objectOf(inputs, "registry")["server"] ?? "",
        repoDigest,
        // The official plugin compares with these; they let a stack switch between it and the stand-in.
        __inputs: inputs,
    };
}

function contextOf(inputs: Values): BuildContext {
    const build = objectOf(inputs, "build");
    const directory = textOf(build, "context") ?? ".";
    return { directory, dockerfile: textOf(build, "dockerfile") ?? join(directory, "Dockerfile") };
}

/** Inputs of the last build, from its outputs; a state without them falls back to the engine's inputs. */
function inputsOf(outputs: Values, inputs: Values): Values {
    return isValues(outputs["__inputs"]) ? outputs["__inputs"] : inputs;
}

function loginOf(inputs: Values): RegistryLogin {
    const registry = objectOf(inputs, "registry");
    return { username: textOf(registry, "username"), password: textOf(registry, "password") };
}

/** The inputs to compare: all but the credentials, so that a new password does not push the image again. */
function comparable(inputs: Values): Values {
    const registry = { server: objectOf(inputs, "registry")["server"] ?? "" };
    return { ...inputs, registry };
}
