import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** The machine's own file, and the one behind it where systemd-resolved puts itself between. */
const files = ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"];

/**
 * Writes the file that tells the node and its pods the machine's name servers.
 *
 * It is written in place: the node has it mounted, and a new file in its stead would not be seen there.
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

/** The name servers of the first text that has one outside the machine's loopback, which the node cannot reach. */
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
