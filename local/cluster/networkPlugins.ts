import { existsSync } from "node:fs";
import { join } from "node:path";

/** CNI plugins of the pod network; containerd itself runs `loopback` for every pod. */
export const networkPlugins = ["bridge", "host-local", "loopback", "portmap"];

/** Directory of CNI plugins in Debian, and in other distributions. */
const directories = ["/usr/lib/cni", "/opt/cni/bin"];

/** Finds the directory with all CNI plugins. The PATH is not searched: iproute2 has a program `bridge` too. */
export function findPluginDirectory(
    fileIsThere: (path: string) => boolean = existsSync,
): string | undefined {
    return directories.find((directory) =>
        networkPlugins.every((plugin) => fileIsThere(join(directory, plugin))),
    );
}

/** Returns the directory with all CNI plugins, or throws an error that names the missing plugins of each directory. */
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
