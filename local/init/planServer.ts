import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

import type { PublicAddress } from "../../components/gateways/route.ts";
import { type ArgProblem, describeProblems } from "../../components/problems/argProblem.ts";
import { findEnumProblems } from "../../components/problems/values.ts";
import { listEndpoints, resolveEndpoint } from "../../components/server/endpoint.ts";
import { findMcpServerProblems } from "../../components/server/rules.ts";
import { readGateway } from "../../config/gatewayRules.ts";
import { bridgeSource } from "../../config/images.ts";
import { serverSettings, type ServerSettings } from "../../config/serverSettings.ts";
import { findStackProblems } from "../../config/stackRules.ts";
import type { StackSettings } from "../../config/stackSettings.ts";
import { addToStackFile, readStackText, type StackText } from "./stackText.ts";
import { fillTemplate, type Language, languages, type Transport, transports } from "./templates.ts";

/** A new server as the command line asks for it, unchecked. */
export interface ServerRequest {
    name: string;
    language: string;
    transport: string;
    stack: string;
}

/** Everything that is written for a new server. */
export interface ServerPlan {
    /** Directory of the server, relative to the project. */
    directory: string;
    /** Texts of its files by path below the directory. */
    files: Record<string, string>;
    /** Its entry in the stack's file. */
    entry: ServerSettings;
    /** File of the stack, and its new text. */
    stackFile: string;
    stackText: string;
    /** Its public URL once it is deployed. */
    url: string;
    /** Machine client that may call it; undefined when the stack has none. */
    client: string | undefined;
}

/** Plans a new server of the project in `root`. Throws with every problem at once, and writes nothing. */
export function planServer(root: string, request: ServerRequest): ServerPlan {
    const { name, stack } = request;
    const directory = `servers/${name}`;
    const stackFile = `Pulumi.${stack}.yaml`;
    const read = openStackFile(root, stackFile);
    const entry = describeEntry(request);
    const nameProblems = findOwnNameProblems(entry);
    const problems = [
        ...nameProblems,
        ...findEnumProblems("--language", request.language, languages),
        ...findEnumProblems("--transport", request.transport, transports),
        ...("problem" in read ? [read.problem] : findConflicts(read, entry)),
    ];
    if (nameProblems.length === 0 && existsSync(join(root, directory))) {
        const reason = "must be a new directory, got an existing one; remove it or choose another";
        problems.push({ path: directory, reason: `${reason} name` });
    }
    if ("problem" in read || problems.length > 0) {
        throw new Error(`server '${name}' cannot be created:\n${describeProblems(problems)}`);
    }
    return {
        directory,
        files: fillTemplate(name, request.language as Language, request.transport as Transport),
        entry,
        stackFile,
        stackText: addToStackFile(read, entry),
        url: resolveEndpoint(name, {}, readAddress(read)).resource,
        client: read.client,
    };
}

function openStackFile(root: string, file: string): StackText | { problem: ArgProblem } {
    const path = join(root, file);
    if (existsSync(path)) return readStackText(readFileSync(path, "utf8"));
    const reason = "must exist, got no such file; '--stack NAME' names another stack";
    return { problem: { path: file, reason } };
}

/** The server's entry in the stack's file. */
function describeEntry({ name, language, transport }: ServerRequest): ServerSettings {
    const own =
        transport === "stdio"
            ? {
                  transport: "stdio" as const,
                  command:
                      language === "python"
                          ? ["/opt/venv/bin/python", "-m", "app"]
                          : ["node", "/opt/app/src/main.ts"],
              }
            : { healthPath: "/health", sessions: "stateless" as const };
    return {
        name,
        source: { build: `servers/${name}` },
        ...own,
        probe: { tool: "greet", args: { name: "Ada" }, expect: "Hello, Ada!" },
    };
}

function findOwnNameProblems({ name }: ServerSettings): ArgProblem[] {
    return findMcpServerProblems(name, {})
        .filter(({ path }) => path === "name")
        .map(({ reason }) => ({ path: "NAME", reason }));
}

/** What the rules of a stack say of the new server, that they do not say without it. */
function findConflicts({ settings }: StackText, entry: ServerSettings): ArgProblem[] {
    const servers = settings["servers"] as unknown[];
    const named = servers.filter(
        (one) => serverSettings.pick({ name: true }).loose().safeParse(one).success,
    );
    if (listEndpoints(named as ServerSettings[]).some(({ name }) => name === entry.name)) {
        const reason = `must be a name of its own, got '${entry.name}', which another server has`;
        return [{ path: "NAME", reason: `${reason}; choose another` }];
    }
    const find = (some: unknown[]) =>
        findStackProblems({ ...settings, servers: some } as Record<keyof StackSettings, unknown>);
    const before = new Set(find(servers).map(({ reason }) => reason));
    const own = `servers[${servers.length}]`;
    const conflicts = find([...servers, entry]).filter(
        ({ path, reason }) =>
            path.startsWith(own) &&
            !before.has(reason) &&
            // The directory is still to be written, and names have been checked.
            ![`${own}.source.build`, `${own}.name`].includes(path),
    );
    const builds = [{ source: bridgeSource }, ...(servers as Partial<ServerSettings>[])].flatMap(
        ({ source }) => (source !== undefined && "build" in source ? [source.build] : []),
    );
    const taken = builds.find((build) => basename(build) === entry.name);
    if (conflicts.length === 0 && taken !== undefined) {
        const reason = `must not be the name of the image of '${taken}', got '${entry.name}'`;
        return [{ path: "NAME", reason: `${reason}; choose another` }];
    }
    return conflicts.map(({ reason }) => ({ path: "NAME", reason }));
}

function readAddress({ settings }: StackText): PublicAddress {
    const { host = "<host>", port } = readGateway(settings["gateway"]);
    return { host, port };
}
