import { addresses, ports } from "./addresses.ts";
import { machineListens } from "./machineListens.ts";
import { run } from "./run.ts";

/** Finds conflicts with a node that is about to start: used ports and addresses. */
export async function findMachineProblems(): Promise<string[]> {
    const problems: string[] = [];
    for (const [use, port] of Object.entries(ports)) {
        if (!(await machineListens(port))) continue;
        if (port === ports.registry && (await registryAnswers(port))) continue;
        problems.push(
            `port ${port} of 127.0.0.1 must be free for the ${use}, and something listens there; stop it ('ss -ltnp' names it)`,
        );
    }
    const interfaces = JSON.parse(await run("ip", ["-j", "-4", "addr", "show"])) as {
        ifname: string;
        addr_info: { local: string; prefixlen: number }[];
    }[];
    for (const { ifname, addr_info } of interfaces) {
        for (const { local, prefixlen } of addr_info) {
            if (!isInLink(local)) continue;
            problems.push(
                `the network ${addresses.link} must be free for the node, and '${ifname}' has ${local}/${prefixlen}`,
            );
        }
    }
    return problems;
}

/** Whether a registry answers; it is then used instead of our own. */
async function registryAnswers(port: number): Promise<boolean> {
    const url = `http://127.0.0.1:${port}/v2/`;
    const response = await fetch(url, { signal: AbortSignal.timeout(3000) }).catch(() => undefined);
    await response?.body?.cancel();
    return response?.ok === true && response.headers.has("docker-distribution-api-version");
}

function isInLink(address: string): boolean {
    const [network = "", prefixLength] = addresses.link.split("/");
    const size = 2 ** (32 - Number(prefixLength));
    return Math.floor(toNumber(address) / size) === Math.floor(toNumber(network) / size);
}

function toNumber(address: string): number {
    return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}
