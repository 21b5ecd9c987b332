import type * as pulumi from "@pulumi/pulumi";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { parse } from "yaml";

import type { ArgProblem } from "../components/problems/argProblem.ts";

/** Refuses a kubeconfig context other than the one that the stack belongs to; `config` is that of the provider. */
export function findContextProblems(
    context: string | undefined,
    config: pulumi.Config,
    environment: NodeJS.ProcessEnv,
): ArgProblem[] {
    // Pulumi.yaml declares the key with an empty default, as Pulumi requires a value for every declared key.
    if (context === undefined || context === "") {
        return [];
    }
    const current = readCurrentContext(config, environment);
    if (context === current) {
        return [];
    }
    const got = current === undefined ? "no current context" : `'${current}'`;
    const reason =
        `must be the context in use, as the stack belongs to its cluster, got ${got} in use and '${context}' here; ` +
        `run 'kubectl config use-context ${context}', or pass '--context ${context}' to 'npm run up'`;
    return [{ path: "context", reason }];
}

/** The context that the Kubernetes provider uses: that of its own configuration, else the current one of the kubeconfig. */
function readCurrentContext(
    config: pulumi.Config,
    environment: NodeJS.ProcessEnv,
): string | undefined {
    const given = config.get("kubeconfig") ?? "";
    // The provider takes a file or its content.
    const isContent = given.includes("\n") || given.startsWith("{");
    const files = (
        given ||
        environment["KUBECONFIG"] ||
        join(environment["HOME"] ?? homedir(), ".kube", "config")
    ).split(delimiter);
    const contexts = isContent ? [readContextOf(given)] : files.map(readContextOfFile);
    // As kubectl does: the first file that names one.
    return config.get("context") ?? contexts.find((name) => name !== undefined);
}

function readContextOfFile(file: string): string | undefined {
    return existsSync(file) ? readContextOf(readFileSync(file, "utf8")) : undefined;
}

function readContextOf(content: string): string | undefined {
    const kubeconfig = parse(content) as { "current-context"?: string } | null;
    return kubeconfig?.["current-context"] || undefined;
}
