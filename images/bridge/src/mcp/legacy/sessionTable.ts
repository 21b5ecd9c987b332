import { createHash, randomBytes } from "node:crypto";
import { canBeAsked } from "../../calls/processScope.ts";
import { CallerShares } from "../../collections/callerShares.ts";
import type { EventStreamsArgs } from "./eventStreams.ts";
import { unavailable } from "../../json/refusal.ts";
import { Session, type SessionTerms } from "./session.ts";
import { Signer } from "../../auth/signedText.ts";

export interface SessionTableArgs {
    /** Key that signs session ids; the same for all replicas. */
    key: Buffer;
    /** Address at which other replicas reach this one. */
    address: string;
    /** A session unused this long is ended, in milliseconds. */
    idleTime: number;
    /** Longest life of a session, in milliseconds. */
    lifetime: number;
    /** Sessions at once; one that is not in use makes room for another, as `CallerShares` says. */
    max: number;
    events: Omit<EventStreamsArgs, "replica">;
}

/** What a session id says. */
export interface SessionName {
    /** Replica that opened the session. */
    address: string;
    /** Whether the session has a process, or anything else, that only that replica has. */
    bound: boolean;
    /** Whether its client can be asked something; told of sessions that are not bound. */
    asked: boolean;
    /** When it was opened, in milliseconds since 1970. */
    openedAt: number;
    /** Digest of the principal. */
    principal: string;
}

/** Ids of sessions that clients ended, which must not come to life again; each is forgotten with its lifetime. */
const endedLimit = 10_000;
/** What an id says of how a session is served. */
const marks = { shared: 0, bound: 1, sharedAsked: 2 };
/** How much later than its last use a session may be noted as used, in milliseconds. */
const coarseness = 1000;

/** Refuses a session that there is no room for. */
export const noRoomForSession = unavailable(
    "there are as many sessions in use as there may be; try again",
);

/** The sessions of this replica. An id names its replica and is signed, so that any replica knows what to do with it. */
export class SessionTable {
    private readonly args: SessionTableArgs;
    private readonly signer: Signer;
    private readonly sessions = new Map<string, Session>();
    private readonly shares: CallerShares<Session>;
    private readonly ended = new Set<string>();
    private readonly events: EventStreamsArgs;
    private readonly sweep: NodeJS.Timeout;

    constructor(args: SessionTableArgs) {
        this.args = args;
        this.shares = new CallerShares(args.max);
        this.events = { ...args.events, replica: args.address };
        this.signer = new Signer(args.key, "session");
        const interval = Math.max(Math.min(args.idleTime / 4, 60_000), 100);
        this.sweep = setInterval(() => this.endIdle(), interval);
        this.sweep.unref();
    }

    /** Sessions at this moment. */
    get size(): number {
        return this.sessions.size;
    }

    /** Every session. */
    all(): Iterable<Session> {
        return this.sessions.values();
    }

    /** Opens a session; undefined when there is no room for it. */
    open(terms: SessionTerms, bound: boolean): Session | undefined {
        const random = randomBytes(12).toString("base64url");
        const { address } = this.args;
        const principal = digest(terms.principal);
        const now = Date.now();
        const shared = canBeAsked(terms.capabilities) ? marks.sharedAsked : marks.shared;
        const mark = bound ? marks.bound : shared;
        const id = this.signer.sign([address, mark, now, principal, random]);
        return this.add(id, terms, address, now);
    }

    /** The session of that id, if it is one of this replica and of this caller. */
    find(id: string, principal: string | undefined): Session | undefined {
        const session = this.sessions.get(id);
        if (session === undefined || session.terms.principal !== principal) {
            return undefined;
        }
        const now = Date.now();
        if (now - session.usedAt > coarseness) {
            this.shares.touch(principal, session);
        }
        session.usedAt = now;
        return session;
    }

    /** What an id says that a replica gave to this caller; undefined when none can have given it, or no longer. */
    read(id: string, principal: string | undefined): SessionName | undefined {
        const content = this.ended.has(id) ? undefined : this.signer.open(id);
        if (!Array.isArray(content)) {
            return undefined;
        }
        const [address, mark, openedAt, owner] = content as [string, number, number, string];
        const alive = Date.now() - openedAt < this.args.lifetime;
        if (!alive || owner !== digest(principal)) {
            return undefined;
        }
        const [bound, asked] = [mark === marks.bound, mark === marks.sharedAsked];
        return { address, bound, asked, openedAt, principal: owner };
    }

    /**
     * Takes up a session that another replica opened, or that was idle here, and of which nothing had to be kept; undefined
     * when there is no room for it.
     */
    adopt(
        id: string,
        terms: SessionTerms,
        { address, openedAt }: SessionName,
    ): Session | undefined {
        return this.add(id, terms, address, openedAt);
    }

    /** Ends a session. Its id is not good any more, wherever it comes from. */
    end(id: string): void {
        if (this.ended.size >= endedLimit) {
            const [oldest = ""] = this.ended;
            this.ended.delete(oldest);
        }
        this.ended.add(id);
        this.remove(id);
    }

    /** Ends every session. */
    close(): void {
        clearInterval(this.sweep);
        [...this.sessions.keys()].forEach((id) => this.remove(id));
    }

    private add(
        id: string,
        terms: SessionTerms,
        openingReplica: string,
        openedAt: number,
    ): Session | undefined {
        const room = this.shares.findRoom(terms.principal);
        if (room === "no") {
            return undefined;
        }
        if (room !== "yes") {
            this.remove(room.id);
        }
        const session = new Session(id, terms, { openingReplica, openedAt, events: this.events });
        this.sessions.set(id, session);
        this.shares.add(terms.principal, session);
        return session;
    }

    private remove(id: string): void {
        const session = this.sessions.get(id);
        if (session !== undefined) {
            this.sessions.delete(id);
            this.shares.remove(session.terms.principal, session);
            session.close();
        }
    }

    private endIdle(): void {
        const now = Date.now();
        for (const [id, session] of this.sessions) {
            const idle = now - session.usedAt > this.args.idleTime && !session.busy;
            if (idle || now - session.openedAt > this.args.lifetime) {
                this.remove(id);
            }
        }
    }
}

function digest(principal: string | undefined): string {
    return createHash("sha256")
        .update(principal ?? "")
        .digest("base64url")
        .slice(0, 16);
}
