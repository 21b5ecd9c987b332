import assert from "node:assert/strict";

import { findClusterDnsProblems } from "../../../components/pods/rules.ts";

describe("findClusterDnsProblems", () => {
    for (const clusterDomain of ["cluster.local", "k8s.example.org", "corp"]) {
        it(`accepts the domain '${clusterDomain}'`, () =>
            assert.deepEqual(findClusterDnsProblems({ clusterDomain, dnsPorts: [53, 5353] }), []));
    }
    const refused = {
        ".cluster.local": /got '.cluster.local'; did you mean 'cluster.local'\?$/,
        "cluster.local.": /did you mean 'cluster.local'\?$/,
        "Cluster.Local": /did you mean 'cluster.local'\?$/,
        "": /got ''$/,
    };
    for (const [clusterDomain, reason] of Object.entries(refused)) {
        it(`refuses the domain '${clusterDomain}'`, () => {
            const [problem] = findClusterDnsProblems({ clusterDomain });
            assert.equal(problem?.path, "clusterDomain");
            assert.match(problem.reason, reason);
        });
    }
    for (const { dnsPorts, reasons } of [
        { dnsPorts: [], reasons: ["must have at least one port, got none"] },
        {
            dnsPorts: [53, 0, 65536],
            reasons: ["must be 1 to 65535, got 0", "must be 1 to 65535, got 65536"],
        },
    ]) {
        it(`refuses the ports [${dnsPorts.join()}]`, () =>
            assert.deepEqual(
                findClusterDnsProblems({ dnsPorts }),
                reasons.map((reason) => ({ path: "dnsPorts", reason })),
            ));
    }
});
