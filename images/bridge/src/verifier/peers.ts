import { lookup } from "node:dns/promises";
import { networkInterfaces } from "node:os";

/** Longest time for one pod to answer, in milliseconds. */
const timeout = 2000;

/** The other pods of the verifier. */
export interface Peers {
    /** DNS name that lists the pods. */
    host: string;
    /** Their management port. */
    port: number;
}

/** Header of a request that another pod has passed on. */
export const passedOnHeader = "x-slipway-passed-on";

/**
 * Sends a form to every other pod, as pods share no state.
 *
 * @throws when one of them did not take it
 */
export async function passOn({ host, port }: Peers, path: string, body: string): Promise<void> {
    const own = Object.values(networkInterfaces()).flatMap((found = []) =>
        found.map(({ address }) => address),
    );
    const found = await lookup(host, { all: true });
    const others = found.filter(({ address }) => !own.includes(address));
    await Promise.all(
        others.map(async ({ address, family }) => {
            const authority = family === 6 ? `[${address}]` : address;
            const response = await fetch(`http://${authority}:${port}${path}`, {
                method: "POST",
                headers: {
                    "content-type": "application/x-www-form-urlencoded",
                    [passedOnHeader]: "1",
                },
                body,
                signal: AbortSignal.timeout(timeout),
            });
            await response.body?.cancel();
            if (response.status !== 200) {
                throw new Error(`pod '${authority}': must answer 200, got ${response.status}`);
            }
        }),
    );
}
