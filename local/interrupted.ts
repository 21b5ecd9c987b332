import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { globSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";

import { isAutonamed } from "./providers/kubernetes/autoname.ts";
import { Cluster } from "./providers/kubernetes/cluster.ts";
import { deleteObject } from "./providers/kubernetes/deleteObject.ts";
import { kindOfType } from "./providers/kubernetes/kind.ts";
import { idOf, namesOf } from "./providers/kubernetes/manifest.ts";
import { getObject } from "./providers/kubernetes/objects.ts";
import { silentLog } from "./providers/protocol/engineLog.ts";
import { isValues } from "./providers/protocol/values.ts";

/** Time for an engine whose command was killed to end by itself, in milliseconds: its providers are gone. */
const endsWithinMs = 15_000;

/** An operation that the engine had begun when it was killed. */
const pendingOperation = z.object({
    type: z.string(),
    resource: z.object({
        urn: z.string(),
        type: z.string(),
        inputs: z.record(z.string(), z.unknown()).optional(),
    }),
});

const deploymentSchema = z.looseObject({
    pending_operations: z.array(pendingOperation).optional(),
});

/**
 * Ends engines of killed commands that still write the state of a local backend. We hold the stack's lock, so no other is
 * at work.
 */
export async function endLeftEngines(stateDirectory: string): Promise<void> {
    const locks = globSync(join(stateDirectory, "state/.pulumi/locks/**/*.json"));
    for (const lock of locks) {
        const { pid } = z
            .object({ pid: z.int().positive() })
            .parse(JSON.parse(readFileSync(lock, "utf8")));
        if (!isEngine(pid)) continue;
        console.log(`engine ${pid} of an interrupted command: waiting for its end`);
        process.kill(pid, "SIGINT");
        const end = Date.now() + endsWithinMs;
        while (isEngine(pid) && Date.now() < end) await sleep(200);
        if (isEngine(pid)) process.kill(pid, "SIGKILL");
    }
}

/**
 * Removes descriptions of state files that are no JSON. The engine replaces a state file at once, but writes the file beside
 * it, which holds its content type and digest, in place: one that was killed meanwhile leaves it empty, and no engine reads
 * the state again ("failed to load checkpoint: EOF"). It does without the description.
 */
export function removeBrokenDescriptions(stateDirectory: string): void {
    for (const file of globSync(join(stateDirectory, "state/.pulumi/**/*.attrs"))) {
        try {
            JSON.parse(readFileSync(file, "utf8"));
        } catch {
            rmSync(file, { force: true });
        }
    }
}

/** Whether a process runs that is an engine; ids are used again. */
function isEngine(pid: number): boolean {
    try {
        return /(^|\/)pulumi\0/.test(readFileSync(`/proc/${pid}/cmdline`, "utf8"));
    } catch {
        return false;
    }
}

/**
 * Clears the operations that an interrupted update had begun. An object of Kubernetes that it may have created under a
 * generated name is deleted, as the next update chooses another name; everything else is found again by its own name or id.
 */
export async function clearPendingOperations(stack: Stack): Promise<void> {
    const exported = await stack.exportStack();
    const { pending_operations: pending = [], ...rest } = deploymentSchema.parse(
        exported.deployment ?? {},
    );
    if (pending.length === 0) return;
    console.log(
        `stack '${stack.name}': its last update was interrupted; clearing ${pending.length} operations that it had begun`,
    );
    const created = pending.filter(({ type }) => type === "creating");
    // At once, as each one drains.
    await Promise.all(created.map(({ resource }) => removeOrphan(resource.type, resource.inputs)));
    await stack.importStack({ ...exported, deployment: rest });
}

async function removeOrphan(type: string, inputs: unknown): Promise<void> {
    const kind = type.startsWith("kubernetes:") ? kindOfType(type) : undefined;
    if (kind === undefined || !isValues(inputs) || !isAutonamed(inputs)) return;
    const cluster = new Cluster({});
    const outputs = await getObject(cluster, kind, namesOf(inputs));
    if (outputs === undefined) return;
    const { signal } = new AbortController();
    await deleteObject(cluster, kind, {
        inputs,
        outputs,
        signal,
        log: silentLog,
        timeoutSeconds: 0,
    });
    console.log(`${kind.kind} '${idOf(inputs)}': deleted, as the interrupted update left it`);
}
