import { execFile } from "node:child_process";
import { cp, readFile, symlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");

interface Manifest {
    name: string;
    version: string;
    dependencies: Record<string, string>;
    peerDependencies: Record<string, string>;
}

/**
 * Packs `components` and installs the package into an empty project.
 *
 * Nothing is downloaded: dependencies are linked from this checkout, and must have the versions that the package
 * requires.
 *
 * @returns the directory of the installed package
 */
export async function installComponents(project: string): Promise<string> {
    const source = join(project, "source");
    const isSource = (path: string) => !["dist", "node_modules"].includes(basename(path));
    await cp(join(root, "components"), source, { recursive: true, filter: isSource });
    await symlink(join(root, "node_modules"), join(source, "node_modules"));
    await npm(source, "pack", "--pack-destination", project);

    const manifest = JSON.parse(await readFile(join(source, "package.json"), "utf8")) as Manifest;
    const needed = { ...manifest.dependencies, ...manifest.peerDependencies, "@types/node": "" };
    const linked = Object.keys(needed).map((name) => [
        name,
        `file:${join(root, "node_modules", name)}`,
    ]);
    const packed = { [manifest.name]: `file:${manifest.name}-${manifest.version}.tgz` };
    const dependencies = { ...Object.fromEntries(linked), ...packed } as object;
    await writeFile(
        join(project, "package.json"),
        JSON.stringify({ name: "another-project", type: "module", dependencies }),
    );
    // Some versions of npm copy a directory with all that it needs, unless told to link it.
    await npm(project, "install", "--offline", "--install-links=false", "--ignore-scripts");
    return join(project, "node_modules", manifest.name);
}

async function npm(cwd: string, ...args: string[]): Promise<void> {
    await run("npm", args, { cwd });
}
