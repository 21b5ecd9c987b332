import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { paths } from "../paths.ts";
import { step } from "../steps.ts";
import { findGo } from "./findGo.ts";
import { hashInputs } from "./hashInputs.ts";

interface Tool {
    /** The package to build, within the tool's own module. */
    package: string;
    /** Variables that the linker sets, so that the tool knows its version. */
    variables: string[];
}

/** Every tool that is built from its pinned Go module below this directory. */
const tools = {
    kubernetes: { package: ".", variables: ["k8s.io/component-base/version.gitVersion=v1.36.3"] },
    pulumi: {
        package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        variables: ["github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v3.259.0"],
    },
    coredns: { package: "github.com/coredns/coredns", variables: [] },
    "metrics-server": { package: "sigs.k8s.io/metrics-server/cmd/metrics-server", variables: [] },
    pause: { package: ".", variables: [] },
} satisfies Record<string, Tool>;

export type ToolName = keyof typeof tools;

/**
 * Gives the path of a built tool, building it when its sources, versions or compiler differ from those of the last build.
 *
 * Binaries are static, so that they also run in an image without a C library.
 */
export async function buildTool(name: ToolName): Promise<string> {
    const directory = join(import.meta.dirname, name);
    const tool: Tool = tools[name];
    const go = await findGo();
    const env = { ...process.env, CGO_ENABLED: "0", GOFLAGS: "", GOTOOLCHAIN: "local" };
    const { stdout: compiler } = await promisify(execFile)(go, ["version"], { env });
    const hash = await hashInputs(directory, [compiler, JSON.stringify(tool)]);
    const binary = join(paths.cache, "bin", `${name}-${hash}`);
    if (existsSync(binary)) return binary;
    await mkdir(join(paths.cache, "bin"), { recursive: true });
    const unfinished = `${binary}.${process.pid}`;
    await step(`build ${name} from its Go module`, async (log) => {
        const flags = ["-s", "-w", ...tool.variables.map((variable) => `-X ${variable}`)];
        const args = ["build", "-trimpath", "-buildvcs=false", "-mod=readonly"];
        await log.run(go, [...args, "-ldflags", flags.join(" "), "-o", unfinished, tool.package], {
            cwd: directory,
            env,
        });
    });
    await rename(unfinished, binary);
    return binary;
}
