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
    /** Name of its programs in messages. */
    title: string;
    /** The packages to build; each program has the name of its package's directory. */
    packages: string[];
    /** Version variables that the linker sets. */
    variables: string[];
    /**
     * Directory of the module. Builds may share one, so that common packages are compiled once.
     *
     * @default the directory with the name of the build
     */
    directory?: string;
    /** Whether it is needed last, so that its compilers run with a lower priority. */
    last: boolean;
}

/**
 * Programs that are built together. Programs that share most of their packages share a module, so that these packages
 * have one version and are compiled once.
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
    // Only a test of the workflows needs it.
    actionlint: {
        title: "actionlint",
        packages: ["github.com/rhysd/actionlint/cmd/actionlint"],
        variables: [],
        last: true,
    },
    // Only the bench needs it.
    "oauth2-proxy": {
        title: "oauth2-proxy",
        packages: ["github.com/oauth2-proxy/oauth2-proxy/v7"],
        variables: ["github.com/oauth2-proxy/oauth2-proxy/v7/pkg/version.VERSION=v7.15.3"],
        last: true,
    },
} satisfies Record<string, GoModule>;

type ModuleName = keyof typeof modules;

const tools = {
    kubernetes: "cluster",
    coredns: "cluster",
    "metrics-server": "cluster",
    pulumi: "pulumi",
    "pulumi-language-yaml": "yaml",
    pause: "pause",
    actionlint: "actionlint",
    "oauth2-proxy": "oauth2-proxy",
} satisfies Record<string, ModuleName>;

export type ToolName = keyof typeof tools;

/**
 * No debug information is compiled, as programs are linked without symbols: saves a fifteenth of the compilers' time.
 * -trimpath makes builds of all checkouts equal.
 */
const buildFlags = ["-trimpath", "-buildvcs=false", "-mod=readonly", "-gcflags=all=-dwarf=false"];

const builds = new Map<ModuleName, Promise<string>>();

/**
 * Returns the path of a built program. Builds its module when its sources or versions differ from those of the last
 * build; the directory is named by their hash.
 *
 * Programs are statically linked, so that they also run in images without a C library.
 */
export async function buildTool(name: ToolName): Promise<string> {
    const module = tools[name];
    let build = builds.get(module);
    if (build === undefined) {
        build = buildModule(module);
        builds.set(module, build);
        // All current callers get the failure; a later call builds again.
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
    // Another checkout may be building the same module; two builds at once would take twice as long.
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

/** Removes unfinished output of builds that were killed. */
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
        // Compilers run for seconds; with the default they spend a tenth of the time on garbage collection.
        GOGC: "400",
        GOMEMLIMIT: "1500MiB",
    };
}
