import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** The machine's resolver file, and the upstream one of systemd-resolved. */
const files = ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"];

/**
 * Writes the resolver file of the node and its pods, with the machine's name servers.
 *
 * Written in place: the node has it bind-mounted and would not see a new file.
 */
export async function writeResolverFile(path: string): Promise<void> {
    const servers = await readNameServers();
    const text = servers.map((server) => `nameserver ${server}\n`).join("");
    await mkdir(dirname(path), { recursive: true });
    if ((await readFile(path, "utf8").catch(() => undefined)) !== text) await writeFile(path, text);
}

/** The machine's name servers that the node can reach. */
export async function readNameServers(): Promise<string[]> {
    const texts = files.map((file) => readFile(file, "utf8").catch(() => ""));
    return selectNameServers(await Promise.all(texts));
}

/** The name servers of the first text that has any outside the machine's loopback, which the node cannot reach. */
export function selectNameServers(texts: string[]): string[] {
    for (const text of texts) {
        const servers = [...text.matchAll(/^nameserver\s+(\S+)/gm)].map(
            ([, server = ""]) => server,
        );
        const reachable = servers.filter(
            (server) => !server.startsWith("127.") && server !== "::1",
        );
        if (reachable.length > 0) return reachable;
    }
    return [];
}
