import { createHash } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { paths } from "../paths.ts";
import { step } from "../steps.ts";
import { buildTool } from "../toolchain/buildTool.ts";
import type { ToolName } from "../toolchain/buildTool.ts";
import { containerdSocket } from "./addresses.ts";
import type { Node } from "./node.ts";

/** An image with one static binary and nothing else. */
export interface ScratchImage {
    image: string;
    tool: ToolName;
    /** Numeric user the container runs as. */
    user: string;
}

/** Imports the image into the cluster's containerd, unless it has this build of the tool already. */
export async function importImage(node: Node, { image, tool, user }: ScratchImage): Promise<void> {
    const binary = await buildTool(tool);
    const ctr = (...args: string[]) =>
        node.enter("ctr", ["--address", containerdSocket, "--namespace", "k8s.io", ...args]);
    const label = `slipway.build=${basename(dirname(binary))}`;
    const listed = await ctr("images", "ls", `name==${image}`);
    if (listed.includes(label)) return;
    await step(`import image ${image}`, async (log) => {
        await mkdir(paths.cache, { recursive: true });
        const scratch = await mkdtemp(join(paths.cache, "image-"));
        try {
            const archive = await writeArchive(scratch, binary, { image, tool, user }, log.run);
            await ctr("images", "import", archive);
            await ctr("images", "label", image, label);
        } finally {
            await rm(scratch, { recursive: true });
        }
    });
}

/** Writes the image in the format of `docker save`. */
async function writeArchive(
    directory: string,
    binary: string,
    { image, tool, user }: ScratchImage,
    run: (command: string, args: string[]) => Promise<string>,
): Promise<string> {
    const tar = (file: string, ...members: string[]) =>
        run("tar", [
            "-C",
            directory,
            "--owner=0",
            "--group=0",
            "-cf",
            join(directory, file),
            ...members,
        ]);
    await copyFile(binary, join(directory, tool));
    await tar("layer.tar", tool);
    const layer = createHash("sha256").update(await readFile(join(directory, "layer.tar")));
    const config = {
        architecture: { x64: "amd64", arm64: "arm64" }[process.arch as "x64" | "arm64"],
        os: "linux",
        config: { Entrypoint: [`/${tool}`], User: user },
        rootfs: { type: "layers", diff_ids: [`sha256:${layer.digest("hex")}`] },
    };
    await writeFile(join(directory, "config.json"), JSON.stringify(config));
    const manifest = [{ Config: "config.json", RepoTags: [image], Layers: ["layer.tar"] }];
    await writeFile(join(directory, "manifest.json"), JSON.stringify(manifest));
    await tar("image.tar", "manifest.json", "config.json", "layer.tar");
    return join(directory, "image.tar");
}
