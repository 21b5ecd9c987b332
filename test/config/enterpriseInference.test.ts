import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { listKeys } from "../../config/keys.ts";
import { stackSettings } from "../../config/stackSettings.ts";

/** Keys of the chart's values.yaml. Maps that Kubernetes defines (`resources`, `affinity` …) are one key each. */
const chartKeys = {
    "": [
        ...["replicaCount", "nameOverride", "fullnameOverride", "podAnnotations"],
        ...["podSecurityContext", "securityContext", "resources", "livenessProbe"],
        ...["readinessProbe", "deploymentStrategy", "affinity", "tolerations", "nodeSelector"],
        ...["env", "envFrom", "volumes", "volumeMounts", "priorityClassName"],
        "terminationGracePeriodSeconds",
    ],
    image: ["repository", "tag", "pullPolicy", "pullSecrets"],
    serviceAccount: ["create", "annotations", "name"],
    service: ["type", "port", "targetPort", "annotations"],
    ingress: ["enabled", "className", "namespace", "host", "path", "annotations"],
    "ingress.tls": ["enabled", "secretName"],
    apisix: ["enabled"],
    autoscaling: [
        ...["enabled", "minReplicas", "maxReplicas"],
        ...["targetCPUUtilizationPercentage", "targetMemoryUtilizationPercentage"],
    ],
    podDisruptionBudget: ["enabled", "minAvailable", "maxUnavailable"],
    oidc: ["realm", "client_id", "client_secret", "discovery", "introspection_endpoint"],
    secrets: ["enabled", "data"],
    networkPolicy: ["enabled", "policyTypes", "ingress", "egress"],
};

describe("docs/enterprise-inference.md", () => {
    const [values = "", scripts = ""] = readFileSync("docs/enterprise-inference.md", "utf8").split(
        "## Scripts",
    );
    const rows = [...values.matchAll(/^\| `([^`]+)` +\| ([^|]+?) +\| ([^|]*?) *\|$/gm)];

    it("has a row for every key of the chart's values, and no other", () => {
        const keys = Object.entries(chartKeys).flatMap(([group, names]) =>
            names.map((name) => (group === "" ? name : `${group}.${name}`)),
        );
        assert.deepEqual(rows.map(([, key]) => key).sort(), keys.sort());
    });

    it("names only keys that a stack has, and a reason where there is none", () => {
        const known = listKeys(stackSettings).map(({ path }) => path);
        for (const [, key, ours = "", reason = ""] of rows) {
            const named = [...ours.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);
            for (const name of named) assert.ok(known.includes(name), `${key}: ${name}`);
            assert.ok(named.length > 0 || (ours.trim() === "none" && reason !== ""), key);
        }
    });

    it("maps the chart's scripts", () => {
        assert.match(scripts, /`generate-token\.sh` +\| `npm run token/);
    });
});
