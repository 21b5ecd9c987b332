import { gatherEvidence } from "../doctor/evidence.ts";
import type { Patient } from "../doctor/patient.ts";
import { readInFlight } from "./inFlight.ts";
import { describeServers, listServerPods, type ServerRow } from "./serverRows.ts";

/** Reads the state of every server of a stack from its cluster. */
export async function readStatus({
    kube,
    namespace,
}: Pick<Patient, "kube" | "namespace">): Promise<ServerRow[]> {
    const evidence = await gatherEvidence({ kube, namespace });
    const inFlight = await readInFlight(kube, namespace, listServerPods(evidence));
    return describeServers(evidence, inFlight, Date.now());
}
