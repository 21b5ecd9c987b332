import { findClusterDnsProblems } from "../../pods/rules.ts";
import { selectorLabels } from "../../pods/labels.ts";
import type { ArgProblem } from "../../problems/argProblem.ts";
import { findInputProblems, isPlain } from "../../problems/inputs.ts";
import {
    findChoiceProblems,
    findEnumProblems,
    isPlainPath,
    isPort,
    isVariableName,
} from "../../problems/values.ts";
import { type BridgeSettings, Isolation } from "../bridge/args.ts";
import { findBridgeProblems, findUnbridgedProblems } from "../bridge/rules.ts";
import { serverDefaults } from "../defaults.ts";
import type { CommonServerArgs } from "./args.ts";
import type { CapacityArgs } from "./capacity.ts";
import { findCapacityProblems } from "./capacityRules.ts";
import { findEgressProblems, findIngressProblems } from "./networkRules.ts";
import { Sessions, Transport, type FilesArgs, type VolumeArgs } from "./settings.ts";

/** The settings of one server that the rules check. */
export interface CheckedServer extends Partial<CommonServerArgs> {
    transport?: Transport;
    bridge?: BridgeSettings;
}

/** Refuses a server that Kubernetes would refuse, or that would lose calls. */
export function findServerProblems(server: CheckedServer): ArgProblem[] {
    return [
        ...findEnumProblems("transport", server.transport, Transport),
        ...findEnumProblems("sessions", server.sessions, Sessions),
        ...findEnumProblems("isolation", server.isolation, Isolation),
        ...findPathProblems(server),
        ...findClusterDnsProblems(server),
        ...findTransportProblems(server),
        ...findKnownCapacityProblems(server),
        ...findVariableProblems(server),
        ...(server.egress ?? []).flatMap(findEgressProblems),
        ...(server.ingress ?? []).flatMap(findIngressProblems),
        ...(server.volumes ?? []).flatMap(findVolumeProblems),
        ...(server.files ?? []).flatMap(findFilesProblems),
        ...findMountProblems(server),
        ...findLabelProblems(server),
    ];
}

function findKnownCapacityProblems({
    replicas,
    scaling,
    resources,
    ...server
}: CheckedServer): ArgProblem[] {
    const capacity: CapacityArgs = { replicas, scaling, resources };
    return findInputProblems(capacity, (known) => findCapacityProblems({ ...server, ...known }));
}

function findPathProblems(server: CheckedServer): ArgProblem[] {
    const problems: ArgProblem[] = [];
    const { port, mcpPath, healthPath, longestCallSeconds } = server;
    if (port !== undefined && (!isPort(port) || port < 1024)) {
        problems.push({ path: "port", reason: `must be 1024 to 65535, got ${port}` });
    }
    for (const [path, value] of Object.entries({ mcpPath, healthPath })) {
        if (value !== undefined && !isPlainPath(value)) {
            problems.push({
                path,
                reason: `must be an absolute path such as '/mcp', got '${value}'`,
            });
        }
    }
    if (
        longestCallSeconds !== undefined &&
        !(longestCallSeconds >= 1 && longestCallSeconds <= 3600)
    ) {
        const reason = `must be 1 to 3600 as the gateway cuts longer calls, got ${longestCallSeconds}`;
        problems.push({ path: "longestCallSeconds", reason });
    }
    return problems;
}

function findTransportProblems(server: CheckedServer): ArgProblem[] {
    const { transport = serverDefaults.transport, command = [], healthPath } = server;
    if (transport === "http") {
        return findUnbridgedProblems(server);
    }
    const problems: ArgProblem[] = [];
    if (command.length === 0) {
        const reason =
            'must name the program that speaks stdio, got nothing; e.g. ["mcp-server-fetch"]';
        problems.push({ path: "command", reason });
    }
    if (healthPath !== undefined) {
        const reason = `must be left out for a stdio server, whose bridge has its own, got '${healthPath}'`;
        problems.push({ path: "healthPath", reason });
    }
    return [...problems, ...findBridgeProblems(server)];
}

function findVariableProblems({
    env = {},
    secrets = {},
    envFrom = {},
}: CheckedServer): ArgProblem[] {
    const sources = { env, secrets, envFrom };
    const named = [
        ...Object.keys(env).map((name) => ({ path: `env.${name}`, name })),
        ...Object.keys(secrets).map((name) => ({ path: `secrets.${name}`, name })),
        ...Object.keys(envFrom).map((name) => ({ path: `envFrom.${name}`, name })),
    ];
    const choices = Object.entries(envFrom).flatMap(([name, source]) =>
        findChoiceProblems(`envFrom.${name}`, source, ["secret", "configMap"]),
    );
    const problems = named.flatMap(({ path, name }) => {
        if (!isVariableName(name)) {
            return [{ path, reason: `must be the name of a variable, got '${name}'` }];
        }
        if (name === "PORT" || name.startsWith("SLIPWAY_")) {
            return [{ path, reason: `must not be a variable that Slipway sets, got '${name}'` }];
        }
        const others = Object.entries(sources).filter(([, variables]) => name in variables);
        const [first] = others.map(([source]) => source);
        return path.startsWith(`${first}.`)
            ? []
            : [{ path, reason: `must not be in '${first}' as well, got '${name}' in both` }];
    });
    return [...problems, ...choices];
}

function findFilesProblems(files: FilesArgs, index: number): ArgProblem[] {
    const path = `files[${index}]`;
    return [
        ...findDirectoryProblems(`${path}.mountPath`, files.mountPath),
        ...findChoiceProblems(path, files, ["secret", "configMap"]),
        ...(files.keys?.length === 0
            ? [
                  {
                      path: `${path}.keys`,
                      reason: "must name at least one entry, got none; leave it out to mount all",
                  },
              ]
            : []),
    ];
}

/** Refuses two volumes in one directory, of which Kubernetes would show one. */
function findMountProblems({ volumes = [], files = [] }: CheckedServer): ArgProblem[] {
    const mounts = [
        ...volumes.map(({ mountPath }, index) => ({ path: `volumes[${index}]`, mountPath })),
        ...files.map(({ mountPath }, index) => ({ path: `files[${index}]`, mountPath })),
    ];
    return mounts.flatMap(({ path, mountPath }, index) => {
        const earlier = mounts.slice(0, index).find((other) => other.mountPath === mountPath);
        const reason = `must not be the directory of ${earlier?.path} as well, got '${mountPath}'`;
        return earlier === undefined ? [] : [{ path: `${path}.mountPath`, reason }];
    });
}

/** Refuses labels that select the pods: Services and policies would lose them. */
function findLabelProblems({ podLabels = {} }: CheckedServer): ArgProblem[] {
    return Object.keys(selectorLabels("server", ""))
        .filter((label) => label in podLabels)
        .map((label) => ({
            path: `podLabels.${label}`,
            reason: `must be left out, as it selects the pods, got '${label}'`,
        }));
}

function findDirectoryProblems(path: string, directory: string): ArgProblem[] {
    const reason = `must be an absolute path other than '/', '/tmp' and '/slipway', got '${directory}'`;
    return !isPlainPath(directory) || takenDirectories.includes(directory)
        ? [{ path, reason }]
        : [];
}

/** Directories of every pod. */
const takenDirectories = ["/tmp", "/slipway"];

function findVolumeProblems(volume: VolumeArgs, index: number): ArgProblem[] {
    const { mountPath, claim, mebibytes, shared } = volume;
    const path = `volumes[${index}]`;
    const problems = findDirectoryProblems(`${path}.mountPath`, mountPath);
    if (claim !== undefined && mebibytes !== undefined) {
        const got = isPlain<number>(mebibytes) ? mebibytes : "an Output";
        const reason = `must be left out with claim, which has its own size, got ${got}`;
        problems.push({ path: `${path}.mebibytes`, reason });
    }
    if (shared !== undefined && claim === undefined) {
        const reason = `must be left out without claim, as every pod has a directory of its own, got ${shared}`;
        problems.push({ path: `${path}.shared`, reason });
    }
    return problems;
}
