import { cpus, release, totalmem } from "node:os";

/** The machine of a run: figures of two runs compare where it is the same. */
export interface Machine {
    cpu: string;
    cores: number;
    memoryGb: number;
    kernel: string;
}

export function describeMachine(): Machine {
    const [core] = cpus();
    return {
        cpu: core?.model ?? "unknown",
        cores: cpus().length,
        memoryGb: Math.round(totalmem() / 1e9),
        kernel: release(),
    };
}
