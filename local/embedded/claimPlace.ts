import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";

import { forwardPort, stopForwarding } from "../cluster/firewall.ts";
import { withLock } from "../cluster/lock.ts";
import { describeCommand } from "../commands.ts";
import { devStateDirectory, paths } from "../paths.ts";
import { choosePlace, type Wanted } from "./choosePlace.ts";
import { findNamespace, findRealm } from "./embeddedConfig.ts";
import { listPlaces, type Place, writePlaces } from "./places.ts";
import { readObject, readStackFile } from "./stackFile.ts";

/** Refuses, before the platform is started, a stack whose place another one is known to have. */
export async function checkPlace(wanted: Wanted): Promise<void> {
    const places = withDev(listPlaces(), wanted.checkout);
    await choosePlace(wanted, { places, services: new Map() });
}

/**
 * Takes the place of a stack on the running platform, and makes its port lead there from 127.0.0.1.
 *
 * Throws when another stack has it.
 */
export async function claimPlace(wanted: Wanted, kubeconfig: string): Promise<Place> {
    const services = await listNodePorts(kubeconfig);
    return withLock(paths.lock, "embedded platform", async () => {
        const places = listPlaces();
        const around = { places: withDev(places, wanted.checkout), services };
        const chosen = await choosePlace(wanted, around);
        const { stateDirectory } = chosen;
        const former = places.find((place) => place.stateDirectory === stateDirectory);
        const others = places.filter((place) => place !== former);
        if (former?.port !== undefined && former.port !== chosen.port) {
            await stopForwarding(former.port);
        }
        const checkout =
            former !== undefined && existsSync(former.checkout) ? former.checkout : chosen.checkout;
        const place = { ...chosen, checkout };
        // A place without a state is that of a stack which was removed by hand.
        await mkdir(stateDirectory, { recursive: true, mode: 0o700 });
        await writePlaces([...others, place]);
        if (place.port !== undefined) await forwardPort(place.port);
        if (former === undefined && place.port !== undefined) {
            console.log(
                `stack '${place.stack}': namespace '${place.namespace}', port ${place.port}`,
            );
        }
        return place;
    });
}

/** Gives back the place of a stack that was destroyed. */
export async function releasePlace(stateDirectory: string): Promise<void> {
    await withLock(paths.lock, "embedded platform", async () => {
        const places = listPlaces();
        const own = places.find((place) => place.stateDirectory === stateDirectory);
        if (own === undefined) return;
        if (own.port !== undefined) await stopForwarding(own.port);
        await writePlaces(places.filter((place) => place !== own));
    });
}

const told = new Set<string>();

/** Says, once, that a stack is another checkout's as well. */
export function tellSharing(place: Place | undefined, checkout: string): void {
    if (place === undefined || place.checkout === checkout || !existsSync(place.checkout)) return;
    const { stack } = place;
    if (told.has(stack)) return;
    told.add(stack);
    console.error(
        `stack '${stack}': is the one that the checkout '${place.checkout}' deployed, and shared with it; a stack of ` +
            `this checkout alone has another name: ${describeCommand("up", { stack: "NAME" })}`,
    );
}

/** The places with that of the dev stack, when it is deployed, as its file has it. */
function withDev(places: Place[], checkout: string): Place[] {
    const stateDirectory = devStateDirectory();
    const known = places.some((place) => place.stateDirectory === stateDirectory);
    if (known || !existsSync(stateDirectory)) return places;
    const { config = {} } = readStackFile(checkout, "dev");
    const port = readObject(config, "slipway:gateway")?.["port"];
    const names = { namespace: findNamespace("dev", config), realm: findRealm("dev", config) };
    const dev = { stack: "dev", stateDirectory, checkout, ...names };
    return [...places, typeof port === "number" ? { ...dev, port } : dev];
}

async function listNodePorts(kubeconfig: string): Promise<Map<number, string>> {
    const kube = new KubeConfig();
    kube.loadFromFile(kubeconfig);
    const { items } = await kube.makeApiClient(CoreV1Api).listServiceForAllNamespaces();
    return new Map(
        items.flatMap(({ metadata, spec }) =>
            (spec?.ports ?? []).flatMap(({ nodePort }) =>
                nodePort === undefined ? [] : [[nodePort, metadata?.namespace ?? ""] as const],
            ),
        ),
    );
}
