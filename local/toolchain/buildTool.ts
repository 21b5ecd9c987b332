import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { readStartTime } from "../cluster/processTime.ts";
import { withLock } from "../cluster/lock.ts";
import { paths } from "../paths.ts";
import { step } from "../steps.ts";
import { findGo, goNeeded } from "./findGo.ts";
import { hashInputs } from "./hashInputs.ts";

interface GoModule {
    /** What its programs are called in messages. */
    title: string;
    /** The packages to build; each program has the name of its package's directory. */
    packages: string[];
    /** Variables that the linker sets, so that programs know their version. */
    variables: string[];
    /**
     * Directory of the module, which several builds may share: what they have in common is compiled once.
     *
     * @default that of its own name
     */
    directory?: string;
    /** Whether nothing waits for it until everything else is there: the others' compilers come first. */
    last: boolean;
}

/**
 * What is built together. Programs that share most of their packages share a module, and with it the
 * versions of those packages: they are compiled once.
 */
const modules = {
    cluster: {
        title: "Kubernetes, CoreDNS and metrics-server",
        packages: [
            "./cmd/kubernetes",
            "./cmd/coredns",
            "sigs.k8s.io/metrics-server/cmd/metrics-server",
        ],
        variables: ["k8s.io/component-base/version.gitVersion=v1.36.3"],
        last: false,
    },
    pulumi: {
        title: "Pulumi",
        packages: ["github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"],
        variables: ["github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v3.259.0"],
        last: true,
    },
    // Only programs in YAML need it, so it is not built with the engine.
    yaml: {
        title: "Pulumi YAML",
        packages: ["github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml"],
        variables: ["github.com/pulumi/pulumi-yaml/pkg/version.Version=v1.38.0"],
        directory: "pulumi",
        last: false,
    },
    pause: { title: "pause", packages: ["."], variables: [], last: false },
} satisfies Record<string, GoModule>;

type ModuleName = keyof typeof modules;

const tools = {
    kubernetes: "cluster",
    coredns: "cluster",
    "metrics-server": "cluster",
    pulumi: "pulumi",
    "pulumi-language-yaml": "yaml",
    pause: "pause",
} satisfies Record<string, ModuleName>;

export type ToolName = keyof typeof tools;

/**
 * Programs are linked without symbols, so none are compiled: a fifteenth of the compilers' time. (-trimpath: the same
 * program from every checkout.)
 */
const buildFlags = ["-trimpath", "-buildvcs=false", "-mod=readonly", "-gcflags=all=-dwarf=false"];

const builds = new Map<ModuleName, Promise<string>>();

/**
 * Gives the path of a built program, building its module when the sources or versions differ from those of the last build.
 * The name of its directory stands for them.
 *
 * Programs are static, so that they also run in an image without a C library.
 */
export async function buildTool(name: ToolName): Promise<string> {
    const module = tools[name];
    let build = builds.get(module);
    if (build === undefined) {
        build = buildModule(module);
        builds.set(module, build);
        // A failure is told to everybody who asked for it; who asks later has it tried again.
        build.catch(() => builds.delete(module));
    }
    return join(await build, name);
}

async function buildModule(name: ModuleName): Promise<string> {
    const module: GoModule = modules[name];
    const source = join(import.meta.dirname, module.directory ?? name);
    const hash = await hashInputs(source, [JSON.stringify([module, buildFlags, goNeeded])]);
    const directory = join(paths.cache, "bin", `${name}-${hash}`);
    if (existsSync(directory)) return directory;
    // Another checkout may be building the same: compiling it twice at once would take both twice as long.
    return withLock(
        join(paths.cache, "locks", `${name}-${hash}`),
        `build of ${module.title}`,
        async () => {
            if (!existsSync(directory)) await compile(module, source, directory);
            return directory;
        },
    );
}

async function compile(module: GoModule, source: string, directory: string): Promise<void> {
    const go = await findGo();
    await removeUnfinished(directory);
    const unfinished = `${directory}.${process.pid}`;
    const flags = ["-s", "-w", ...module.variables.map((variable) => `-X ${variable}`)];
    const build = [
        ...[go, "build", ...buildFlags, "-ldflags", flags.join(" ")],
        ...["-o", `${unfinished}/`, ...module.packages],
    ];
    const [command = "", ...args] = module.last ? ["nice", ...build] : build;
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { recursive: true });
    try {
        await step(`build ${module.title} from Go modules`, (log) =>
            log.run(command, args, { cwd: source, env: buildEnvironment() }),
        );
        await rename(unfinished, directory);
    } finally {
        await rm(unfinished, { recursive: true, force: true });
    }
}

/** Removes what builds left behind that were killed together with the run that had started them. */
async function removeUnfinished(directory: string): Promise<void> {
    const parent = dirname(directory);
    for (const name of await readdir(parent).catch(() => [])) {
        const pid = name.startsWith(`${basename(directory)}.`) ? Number(name.split(".").at(-1)) : 0;
        if (pid === 0 || (await readStartTime(pid)) !== undefined) continue;
        await rm(join(parent, name), { recursive: true, force: true });
    }
}

function buildEnvironment(): NodeJS.ProcessEnv {
    return {
        ...process.env,
        CGO_ENABLED: "0",
        GOFLAGS: "",
        GOTOOLCHAIN: "local",
        // Compilers live for seconds: with the default they spend a tenth of them on collecting garbage.
        GOGC: "400",
        GOMEMLIMIT: "1500MiB",
    };
}
