import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Bridge } from "../bridge.ts";
import type { LoadGenerator } from "../loadGenerator.ts";
import { measureLoad, warm, type FailedCell, type Measurement } from "../measureRound.ts";
import { scratch } from "../scratch.ts";
import { findFreePort, startBridge, type RunningBridge } from "../startBridge.ts";
import { measureInTurn } from "./measureInTurn.ts";

/** Loopback addresses of the replicas, which listen at one port as pods do. */
const addresses = ["127.0.0.2", "127.0.0.3", "127.0.0.4"];
const call = { tool: "echo" } as const;

/**
 * Three replicas beside one: CPU per call with 16 connections to each in turn, of sessions that another replica opened; and the
 * time of one connection whose session has a process of its own, at that replica and through another.
 */
export async function measureReplicas(
    bridge: Bridge,
    round: number,
    generator: LoadGenerator,
): Promise<(Measurement | FailedCell)[]> {
    const running: RunningBridge[] = [];
    try {
        running.push(await startBridge(bridge));
        const port = await findFreePort();
        for (const address of addresses) {
            running.push(await startBridge(bridge, flagsOf(address), { address, port }));
        }
        for (const one of running) await warm(one, generator);
        const [one, ...replicas] = running as [RunningBridge, ...RunningBridge[]];
        const targets = replicas.map(({ target }, index) => {
            const { at } = (replicas[(index + 1) % replicas.length] as RunningBridge).target;
            return at === undefined ? target : { ...target, openAt: at };
        });
        // One replica at a time, as each has a processor of its own: three that share one take its caches from each other.
        let turn = 0;
        const [through] = targets;
        if (through?.openAt === undefined) throw new Error("replicas: have no addresses");
        const leased = { ...through, capabilities: { roots: {} } };
        const alone = { call, connections: 1 };
        return await measureInTurn(bridge, round, generator, {
            "replica-16": () =>
                measureLoad([one], [one.target], { call, connections: 16 }, generator),
            "replicas3-16": () => {
                turn = (turn + 1) % targets.length;
                return measureLoad(
                    replicas,
                    [targets[turn]!],
                    { call, connections: 16 },
                    generator,
                );
            },
            "leased-1": () =>
                measureLoad(replicas, [{ ...leased, at: through.openAt }], alone, generator),
            "leased-handed-over-1": () => measureLoad(replicas, [leased], alone, generator),
        });
    } finally {
        for (const one of running) await one.stop();
    }
}

let keyFile: string | undefined;

function flagsOf(address: string): string[] {
    if (keyFile === undefined) {
        keyFile = join(scratch(), "session-key");
        writeFileSync(keyFile, randomBytes(32), { mode: 0o600 });
    }
    const all = addresses.join(",");
    return [
        ...["--host", address, "--address", address, "--allowed-hosts", all],
        ...["--peers", all, "--key-file", keyFile],
    ];
}
