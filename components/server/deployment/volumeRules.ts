import type { ArgProblem } from "../../problems/argProblem.ts";
import { isPlainPath } from "../../plainPath.ts";
import type { VolumeArgs } from "./volumes.ts";

/** Directories that pods have anyway. */
const taken = ["/tmp", "/slipway", "/etc/slipway"];

/** Refuses a directory that cannot be mounted. */
export function findVolumeProblems(volume: VolumeArgs, index: number): ArgProblem[] {
    const { mountPath, claim, mebibytes } = volume;
    const path = `volumes[${index}]`;
    const problems: ArgProblem[] = [];
    if (!isPlainPath(mountPath) || taken.includes(mountPath)) {
        const reason = `must be an absolute path other than '/', '/tmp', '/slipway' and '/etc/slipway', got '${mountPath}'`;
        problems.push({ path: `${path}.mountPath`, reason });
    }
    if (claim !== undefined && mebibytes !== undefined) {
        const reason = `must be left out with claim, which has its own size, got ${mebibytes}`;
        problems.push({ path: `${path}.mebibytes`, reason });
    }
    return problems;
}
