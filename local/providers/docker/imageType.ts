import { join } from "node:path";

import { differenceOf } from "../protocol/difference.ts";
import type { CheckResult, Operation, ResourceType } from "../protocol/provider.ts";
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
import { buildImage, findDigest, localId, pushImage, untagImage } from "./engine.ts";
import { deleteFromRegistry } from "./registry.ts";
import type { RegistryLogin } from "./registry.ts";
import { splitImageName } from "./imageName.ts";

/** Platform of builds that name none. */
const hostPlatform = `linux/${process.arch === "x64" ? "amd64" : process.arch}`;

/** What a change of needs a new image under a new name; every other change is a new build of the same name. */
const identity = new Set(["imageName", "registry.server"]);

/**
 * `docker.Image`: a directory built by the Docker engine and pushed to its registry.
 *
 * Unlike the official plugin, deleting it takes the pushed manifest out of the registry, so that a destroyed stack leaves none.
 */
export const imageType: ResourceType = {
    secretOutputs: ["__inputs"],
    check: ({ inputs }) => ({ ...checkImage(inputs), secretInputs: ["registry.password"] }),
    diff: ({ oldInputs, oldOutputs, inputs }) =>
        differenceOf(comparable(inputsOf(oldOutputs, oldInputs)), comparable(inputs), (path) =>
            identity.has(path.join(".")),
        ),
    create: async (operation) => {
        const { inputs, preview } = operation;
        const outputs = preview ? outputsOf(inputs, unknown) : await buildAndPush(operation);
        return { id: textOf(inputs, "imageName") ?? "", outputs };
    },
    update: async ({ inputs, oldInputs, oldOutputs, preview, ...operation }) => {
        const rebuilt = differenceOf(
            objectOf(comparable(inputsOf(oldOutputs, oldInputs)), "build"),
            objectOf(comparable(inputs), "build"),
            () => false,
        );
        const digest = textOf(oldOutputs, "repoDigest") ?? unknown;
        const superseded = textsOf(oldOutputs, "__superseded");
        if (rebuilt.changes.length === 0)
            return { ...outputsOf(inputs, digest), __superseded: superseded };
        if (preview) return outputsOf(inputs, unknown);
        const outputs = await buildAndPush({ ...operation, inputs });
        // Pods may still run the old image until they are rolled out, so it goes with the resource only.
        const old = [...superseded, digest].filter((one) => one !== outputs.repoDigest);
        return { ...outputs, __superseded: [...new Set(old)] };
    },
    read: async ({ id, oldInputs, oldOutputs }) => {
        if (oldInputs === undefined) return undefined;
        const reference = textOf(oldOutputs, "repoDigest");
        const gone =
            reference !== undefined &&
            oldInputs["skipPush"] !== true &&
            (await findDigest(reference, loginOf(oldInputs))) === undefined;
        return gone ? undefined : { id, inputs: oldInputs, outputs: oldOutputs };
    },
    delete: async ({ inputs, outputs, log }) => {
        const imageName = textOf(outputs, "imageName") ?? "";
        const pushed = [textOf(outputs, "repoDigest"), ...textsOf(outputs, "__superseded")];
        for (const reference of pushed) {
            if (reference === undefined || inputs["skipPush"] === true) continue;
            const note = await deleteFromRegistry(imageName, reference, loginOf(inputs));
            if (note !== undefined) log.info(note);
        }
        await untagImage(imageName);
    },
};

function checkImage(inputs: Values): CheckResult {
    const build = { platform: hostPlatform, ...objectOf(inputs, "build") };
    const complete: Values = { ...inputs, build };
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
        // The official plugin compares with these, so that a stack can change between it and the stand-in.
        __inputs: inputs,
    };
}

function contextOf(inputs: Values): BuildContext {
    const build = objectOf(inputs, "build");
    const directory = textOf(build, "context") ?? ".";
    return { directory, dockerfile: textOf(build, "dockerfile") ?? join(directory, "Dockerfile") };
}

/** The inputs of the last build, as its outputs have them; those of the engine for a state without them. */
function inputsOf(outputs: Values, inputs: Values): Values {
    return isValues(outputs["__inputs"]) ? outputs["__inputs"] : inputs;
}

function loginOf(inputs: Values): RegistryLogin {
    const registry = objectOf(inputs, "registry");
    return { username: textOf(registry, "username"), password: textOf(registry, "password") };
}

/** Everything but the login: a new password does not push the image again. */
function comparable(inputs: Values): Values {
    const registry = { server: objectOf(inputs, "registry")["server"] ?? "" };
    return { ...inputs, registry };
}
