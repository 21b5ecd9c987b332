// Over 200 lines because the shared process of each era, and whether there is a later one, are found in one place.
import { ChildPool, type Lease, type Lessee, type NoLease, type Upstream } from "./childPool.ts";
import type { LaunchArgs } from "../stdio/launchArgs.ts";
import { describeExit } from "../stdio/describeExit.ts";
import { sharedInitializeParams, type ServerDescription } from "../stdio/handshake.ts";
import type { PrincipalChild } from "./principalChild.ts";
import { PrincipalChildren } from "./principalChildren.ts";
import { SharedChild, type SharedChildArgs } from "./sharedChild.ts";
import type { ProcessExit } from "../stdio/serverProcess.ts";
import type { JsonObject } from "../json/jsonRpc.ts";
import type { Isolation } from "../options/bridgeOptions.ts";
import { unavailable, type Refusal } from "../json/refusal.ts";

export interface ServerProcessesArgs {
    launch: LaunchArgs;
    protocol: SharedChildArgs["protocol"];
    startLimit: number;
    pingLimit: number;
    /** How long a call waits for a server that starts, in milliseconds. */
    readyLimit: number;
    maxChildren: number;
    warmChildren: number;
    /** A principal's process unused this long is ended, in milliseconds. */
    idleTime: number;
    /** Longest time a server may take to say whether it speaks 2026-07-28, in milliseconds. */
    probeLimit?: number | undefined;
    /** Time to the second such question after one without an answer, in milliseconds; each further pause is four times as long. */
    probePause?: number | undefined;
}

/** How long a process of one caller waits for that caller's next request, in milliseconds. */
const keepTime = 60_000;
/** How long a server may take to say that it does not speak 2026-07-28, in milliseconds, unless told otherwise. */
const usualProbeLimit = 10_000;
/** Time to the second question whether it does, in milliseconds, unless told otherwise. */
const usualProbePause = 5000;
/** Questions without an answer after which a server is taken to know none: some end, or say nothing, each time. */
const maxProbes = 5;

/** The processes of the server, by whom they serve. */
export class ServerProcesses {
    /** The process that says what the server is, and serves whatever may be shared. */
    readonly main: SharedChild;
    readonly pool: ChildPool;
    private readonly args: ServerProcessesArgs;
    private readonly principals: PrincipalChildren;
    private modernKnown: SharedChild | undefined;
    private modernChild: Promise<SharedChild> | undefined;
    /** Process that is being asked whether the server speaks 2026-07-28. */
    private candidate: SharedChild | undefined;
    private failedProbes = 0;
    private nextProbeAt = -Infinity;

    constructor(args: ServerProcessesArgs) {
        const { launch, protocol, startLimit, pingLimit } = args;
        this.args = args;
        this.main = new SharedChild({ launch, protocol, startLimit, pingLimit });
        this.pool = new ChildPool({
            launch,
            max: args.maxChildren,
            warm: args.warmChildren,
            startLimit,
            pingLimit,
            keepTime,
        });
        this.principals = new PrincipalChildren(this.pool, args.idleTime);
    }

    /** Shared processes at this moment. */
    get sharedCount(): number {
        const second = this.modernKnown !== undefined && this.modernKnown !== this.main;
        return second ? 2 : 1;
    }

    /** Starts the shared process. */
    start(): void {
        this.main.start();
    }

    /** What the server says about itself, as soon as it is ready; undefined when it is not in time. */
    describe(): Promise<ServerDescription | undefined> {
        return this.main.describe(this.args.readyLimit);
    }

    /** The shared process, when it is ready. */
    get shared(): Upstream | undefined {
        const { description } = this.main;
        return description && { connection: this.main.connection, description };
    }

    /** The shared process, as soon as it is ready. */
    async waitForShared(): Promise<Upstream | Refusal> {
        await this.describe();
        return this.shared ?? notReady;
    }

    /**
     * The shared process for clients from 2026-07-28 on. A server that speaks both eras gets a second process, started
     * for the first such client, so that it answers in its own words; any other server is translated. One that did not say
     * whether it does, because it was slow or ended, is translated until it is asked again.
     */
    modern(): SharedChild | Promise<SharedChild> {
        if (this.modernKnown !== undefined) {
            return this.modernKnown;
        }
        if (performance.now() >= this.nextProbeAt) {
            this.modernChild ??= this.findModern();
        }
        // Only the first question is worth waiting for.
        const { main, modernChild, failedProbes } = this;
        const translated = failedProbes > 0 && main.description !== undefined;
        return modernChild === undefined || translated ? main : modernChild;
    }

    /** Prepares for the first lease, unless nothing is ever leased. */
    warmUp(isolation: Isolation): void {
        if (isolation !== "shared" && isolation !== "principal") {
            this.pool.warmUp();
        }
    }

    /**
     * Leases a process.
     *
     * @param params what a server up to 2025-11-25 is told in `initialize`
     */
    async lease(
        params: JsonObject,
        era: ServerDescription["era"],
        lessee: Lessee,
    ): Promise<Lease | Refusal> {
        const lease = await this.pool.lease(era === "legacy" ? params : undefined, lessee);
        return refuseWithout(lease);
    }

    /** The process of a principal, which none of its calls may give back. */
    async ofPrincipal(
        principal: string | undefined,
        era: ServerDescription["era"],
    ): Promise<PrincipalChild | Refusal> {
        if (principal === undefined) {
            const message = "this server serves known callers only, each by a process of its own";
            return { status: 403, error: { code: -32600, message } };
        }
        const params = era === "legacy" ? sharedInitializeParams : undefined;
        return refuseWithout(await this.principals.find(principal, era, params));
    }

    /** Ends every process. */
    async stop(): Promise<void> {
        this.principals.stop();
        await this.candidate?.stop();
        const modern = await this.modernChild;
        await Promise.all([this.main.stop(), this.pool.stop(), modern?.stop()]);
    }

    /** Finds out whether the server speaks 2026-07-28, in a process that has heard nothing else. */
    private async findModern(): Promise<SharedChild> {
        const { launch, protocol, pingLimit, probeLimit = usualProbeLimit } = this.args;
        const description = await this.describe();
        if (description === undefined) {
            this.modernChild = undefined;
            return this.main;
        }
        if (description.era === "modern" || protocol === "2025-11-25") {
            return (this.modernKnown = this.main);
        }
        const candidate = new SharedChild({
            launch,
            protocol: "2026-07-28",
            startLimit: probeLimit,
            pingLimit,
            attempt: true,
        });
        const ended = new Promise<ProcessExit | undefined>((resolve) => {
            candidate.once("ready", () => resolve(undefined));
            candidate.once("ended", resolve);
        });
        this.candidate = candidate;
        candidate.start();
        const exit = await ended;
        this.candidate = undefined;
        if (exit === undefined) {
            return (this.modernKnown = candidate);
        }
        await candidate.stop();
        if (exit.startError !== undefined) {
            // It said nothing of itself: a later call finds out.
            launch.log("error", "server not started", {
                reason: `the server ${describeExit(exit)}`,
            });
            this.modernChild = undefined;
            return this.main;
        }
        if (candidate.declined || ++this.failedProbes >= maxProbes) {
            return (this.modernKnown = this.main);
        }
        this.postponeProbe(describeExit(exit));
        return this.main;
    }

    /** Has the server asked again later whether it speaks 2026-07-28. */
    private postponeProbe(reason: string): void {
        const { launch, probePause = usualProbePause } = this.args;
        const pause = probePause * 4 ** (this.failedProbes - 1);
        launch.log("warn", "server did not say whether it speaks 2026-07-28", {
            reason: `the server ${reason}`,
            nextInMs: pause,
        });
        this.nextProbeAt = performance.now() + pause;
        this.modernChild = undefined;
    }
}

const notReady = unavailable("the server is not ready; try again");

function refuseWithout<T extends Lease | PrincipalChild>(found: T | NoLease): T | Refusal {
    return "connection" in found ? found : unavailable(`${found.reason}; try again`);
}
