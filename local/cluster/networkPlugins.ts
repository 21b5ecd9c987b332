import { existsSync } from "node:fs";
import { join } from "node:path";

/** The plugins of the pod network; containerd itself runs `loopback` for every pod. */
export const networkPlugins = ["bridge", "host-local", "loopback", "portmap"];

/** Debian's place for network plugins, and the one of every other distribution. */
const directories = ["/usr/lib/cni", "/opt/cni/bin"];

/** The directory that has every network plugin; a program of the same name elsewhere, such as iproute2's `bridge`, is none. */
export function findPluginDirectory(
    fileIsThere: (path: string) => boolean = existsSync,
): string | undefined {
    return directories.find((directory) =>
        networkPlugins.every((plugin) => fileIsThere(join(directory, plugin))),
    );
}

/** The directory that has every network plugin, or an error that names the plugins each directory lacks. */
export function requirePluginDirectory(): string {
    const directory = findPluginDirectory();
    if (directory !== undefined) return directory;
    const places = directories.map((place) => {
        const missing = networkPlugins.filter((plugin) => !existsSync(join(place, plugin)));
        return `${place} lacks ${missing.join(", ")}`;
    });
    throw new Error(
        `network plugins: one directory must have ${networkPlugins.join(", ")}; ${places.join("; ")}; ` +
            "run 'apt-get install --reinstall containernetworking-plugins'",
    );
}
