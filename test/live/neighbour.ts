import assert from "node:assert/strict";

import { devServers } from "../support/devServers.ts";
import { describeChanges, recordPlatform } from "../testRun/platformRecord.ts";
import type { PlatformRecord } from "../testRun/platformRecord.ts";
import { Checkout } from "./checkout.ts";

/** Another reader's project whose dev stack is up while the suites run, and a record of what it deployed. */
export interface Neighbour {
    checkout: Checkout;
    /** What `npm run up` printed. */
    output: string;
    /** What there was of it when it had been deployed. */
    record: PlatformRecord;
}

let made: Promise<Neighbour> | undefined;

/** The neighbour of this run; the first caller deploys it. */
export function neighbour(): Promise<Neighbour> {
    made ??= make();
    return made;
}

/** What there is of the neighbour now. */
export function recordNeighbour({ name, stacks }: Checkout): Promise<PlatformRecord> {
    return recordPlatform({ covers: (found) => found.split("/")[0] === name, stacks });
}

/** Fails when anything of the neighbour differs from what it deployed, or a server of it does not answer. */
export async function assertUnchanged({ checkout, record }: Neighbour): Promise<void> {
    assert.deepEqual(describeChanges(record, await recordNeighbour(checkout)), []);
    const { code, output } = await checkout.npm("verify");
    assert.equal(code, 0, output);
    assert.equal(output.match(/^✔ /gm)?.length, Object.keys(devServers).length, output);
}

async function make(): Promise<Neighbour> {
    const checkout = await Checkout.make("neighbour");
    const { code, output } = await checkout.npm("up");
    assert.equal(code, 0, output);
    return { checkout, output, record: await recordNeighbour(checkout) };
}
