import type { ArgProblem } from "../../components/problems/argProblem.ts";
import { describeProblems } from "../../components/problems/argProblem.ts";
import { ports } from "../cluster/addresses.ts";
import { machineListens } from "../cluster/machineListens.ts";
import { findNamespace, findRealm } from "./embeddedConfig.ts";
import type { Place } from "./places.ts";
import { readObject, type StackConfiguration } from "./stackFile.ts";

/** Kubernetes' range of node ports. */
const nodePorts = { first: 30000, last: 32767 };

/** The first port that is chosen; those before it are the dev stack's and Keycloak's. */
const firstChosen = 30445;

/** What the platform itself has. */
const reserved = {
    namespaces: ["default", "kube-system", "kube-public", "kube-node-lease", "keycloak"],
    realms: ["master"],
    ports: { [ports.keycloak]: "Keycloak", [ports.registry]: "the registry" } as const,
};

/** A stack that wants a place. */
export type Wanted = Pick<Place, "stack" | "stateDirectory" | "checkout"> & {
    config: StackConfiguration;
};

/** What others have. */
export interface Surroundings {
    /** Places of stacks, that of the wanted one included. */
    places: Place[];
    /** Namespaces of the Services that have node ports. */
    services: Map<number, string>;
}

/**
 * Finds the place of a stack on the embedded platform: the namespace, realm and port that its configuration names, or
 * free ones. A stack keeps the port that was chosen for it.
 *
 * Throws when another stack or the machine has one of them, or when the port cannot lead to the platform.
 */
export async function choosePlace(wanted: Wanted, around: Surroundings): Promise<Place> {
    const { config, ...identification } = wanted;
    const { stack, stateDirectory } = wanted;
    const others = around.places.filter((place) => place.stateDirectory !== stateDirectory);
    const former = around.places.find((place) => place.stateDirectory === stateDirectory);
    const namespace = findNamespace(stack, config);
    const realm = findRealm(stack, config);
    const taken = new Map([
        ...[...around.services].filter(([, owner]) => owner !== namespace).map(nameService),
        ...others.flatMap(({ port, stack }) =>
            port === undefined ? [] : [nameStack(port, stack)],
        ),
        ...Object.entries(reserved.ports).map(([port, owner]) => [Number(port), owner] as const),
    ]);
    const gateway = readGateway(config);
    const problems = [
        ...findNameProblems({ stack, namespace, realm }, others),
        ...(gateway === undefined ? [] : await findPortProblems(gateway, former, taken)),
    ];
    if (problems.length > 0) {
        throw new Error(
            `stack '${stack}' on the embedded platform:\n${describeProblems(problems)}`,
        );
    }
    const place = { ...identification, namespace, realm };
    if (gateway === undefined) return place;
    const port = gateway.port ?? gateway.nodePort ?? former?.port ?? (await findFreePort(taken));
    return { ...place, port: port as number };
}

function nameService([port, namespace]: [number, string]): [number, string] {
    return [port, `a Service in namespace '${namespace}'`];
}

function nameStack(port: number, stack: string): [number, string] {
    return [port, `stack '${stack}'`];
}

/** The ports that a configuration names; undefined where the gateway is none of the stack's own. */
function readGateway(config: StackConfiguration) {
    const gateway = readObject(config, "slipway:gateway");
    if (gateway === undefined || (gateway["kind"] ?? "nginx") !== "nginx") return undefined;
    const exposure = readObject(gateway, "exposure");
    if (exposure === undefined || "ingressClass" in exposure) return undefined;
    return { port: gateway["port"], nodePort: exposure["nodePort"], exposure };
}

function findNameProblems(
    { stack, namespace, realm }: Pick<Place, "stack" | "namespace" | "realm">,
    others: Place[],
): ArgProblem[] {
    const owner = (key: "namespace" | "realm", value: string, own: string[]) => {
        const other = others.find((place) => place[key] === value);
        if (other !== undefined) {
            const same = other.stack === stack ? ` of '${other.checkout}'` : "";
            return `stack '${other.stack}'${same}`;
        }
        return own.includes(value) ? "the platform itself" : undefined;
    };
    const repair = "leave it out, and it is named after the stack, or choose another";
    const find = (path: string, noun: string, value: string, has: string | undefined) =>
        has === undefined
            ? []
            : [
                  {
                      path,
                      reason: `must be a ${noun} of its own, got '${value}' of ${has}; ${repair}`,
                  },
              ];
    return [
        ...find(
            "namespace",
            "namespace",
            namespace,
            owner("namespace", namespace, reserved.namespaces),
        ),
        ...find("identity.realm", "realm", realm, owner("realm", realm, reserved.realms)),
    ];
}

async function findPortProblems(
    { port, nodePort, exposure }: NonNullable<ReturnType<typeof readGateway>>,
    former: Place | undefined,
    taken: Map<number, string>,
): Promise<ArgProblem[]> {
    if ("loadBalancer" in exposure) {
        const reason =
            "must be { nodePort: <port> } on the embedded platform, which has no load balancers; leave it out, and a " +
            "free port is chosen";
        return [{ path: "gateway.exposure", reason }];
    }
    if (port !== undefined && nodePort !== undefined && port !== nodePort) {
        const reason =
            `must be gateway.port (${JSON.stringify(port)}), as ports of this machine lead to the same port of the embedded ` +
            `platform, got ${JSON.stringify(nodePort)}`;
        return [{ path: "gateway.exposure.nodePort", reason }];
    }
    const chosen = port ?? nodePort ?? former?.port;
    if (chosen === undefined) return [];
    const has = await findPortProblem(chosen, taken);
    if (has === undefined) return [];
    const path =
        port === undefined && nodePort !== undefined ? "gateway.exposure.nodePort" : "gateway.port";
    const free = await findFreePort(taken);
    const repair = `leave it out, and a free one is chosen, or set it to ${free}`;
    return [{ path, reason: `${has}; ${repair}` }];
}

async function findPortProblem(
    port: unknown,
    taken: Map<number, string>,
): Promise<string | undefined> {
    const { first, last } = nodePorts;
    if (typeof port !== "number" || !Number.isInteger(port) || port < first || port > last) {
        return `must be ${first} to ${last}, as only these ports lead to the embedded platform, got ${JSON.stringify(port)}`;
    }
    const owner = taken.get(port);
    if (owner !== undefined)
        return `must be a port that nothing else has, got ${port}, which ${owner} has`;
    if (!(await machineListens(port))) return undefined;
    return `must be free on this machine, got ${port}, where a program listens ('ss -ltnp' names it)`;
}

async function findFreePort(taken: Map<number, string>): Promise<number> {
    for (let port = firstChosen; port <= nodePorts.last; port += 1) {
        if (!taken.has(port) && !(await machineListens(port))) return port;
    }
    throw new Error(`no port from ${firstChosen} to ${nodePorts.last} is free; take a stack down`);
}
