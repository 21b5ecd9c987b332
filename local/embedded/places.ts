import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { writeText } from "../cluster/textFile.ts";
import { paths } from "../paths.ts";

/** What a stack has of the embedded platform, alone. */
export interface Place {
    /** Name of the stack. */
    stack: string;
    /** Directory with its state, by which stacks of one name in several checkouts differ. */
    stateDirectory: string;
    /** Checkout that deployed it first. */
    checkout: string;
    namespace: string;
    realm: string;
    /** Port of its gateway; absent where an Ingress controller or APISIX of the stack's own has one. */
    port?: number;
}

/** The record is kept and removed with the platform, whose ports it tells. */
const file = join(paths.platform, "stacks.json");

/** The places of all stacks whose state exists. */
export function listPlaces(): Place[] {
    if (!existsSync(file)) return [];
    const places = JSON.parse(readFileSync(file, "utf8")) as Place[];
    return places.filter(({ stateDirectory }) => existsSync(stateDirectory));
}

/** The place of the stack with this state directory. */
export function findPlace(stateDirectory: string): Place | undefined {
    return listPlaces().find((place) => place.stateDirectory === stateDirectory);
}

/** Writes the record; the caller holds the platform's lock. */
export async function writePlaces(places: Place[]): Promise<void> {
    await writeText(file, `${JSON.stringify(places, undefined, 4)}\n`, 0o600);
}
