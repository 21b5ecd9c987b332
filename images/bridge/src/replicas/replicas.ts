import {
    Agent,
    request as openRequest,
    type IncomingHttpHeaders,
    type IncomingMessage,
} from "node:http";
import type { Exchange } from "../http/exchange.ts";
import type { Log } from "../log/log.ts";
import { Membership } from "./membership.ts";

export interface ReplicasArgs {
    /** Address at which the other replicas reach this one. */
    address: string;
    /** Names and addresses of all replicas; empty for a bridge that has none beside it. */
    peers: readonly string[];
    /**
     * How long an unused connection to another replica is kept, in milliseconds (default 15,000). Far below the time after
     * which that one closes it: a call sent while it does so would be lost, and must not be sent twice, because nothing
     * says whether it was read (RFC 9110, section 9.2.2).
     */
    idleTime?: number | undefined;
    log: Log;
}

/** Marks a request that another replica passed on, which is not passed on again. */
const passedOn = "x-slipway-replica";
/** Time to reach another replica, in milliseconds; both are in one cluster. */
const connectLimit = 2000;
const perConnection = ["connection", "keep-alive", "transfer-encoding", "upgrade", "te", "trailer"];

/** The replicas of this bridge: a request for what only one of them has goes to that one. */
export class Replicas {
    /** Port of every replica: this one's own. */
    port = 0;
    private readonly args: ReplicasArgs;
    private readonly membership: Membership;
    /** Streams that clients keep open through this replica, and what comes on each. */
    private readonly streams = new Map<Exchange, IncomingMessage>();
    private readonly agent: Agent;

    constructor(args: ReplicasArgs) {
        this.args = args;
        const timeout = args.idleTime ?? 15_000;
        this.agent = new Agent({ keepAlive: true, maxFreeSockets: 16, timeout });
        this.membership = new Membership(args.peers, args.log);
    }

    /** Whether an address is this replica's own. */
    isSelf(address: string): boolean {
        return address === this.args.address;
    }

    /**
     * Passes a request on, unless it is meant for this replica.
     *
     * @returns false when it is; true when it is being taken care of
     */
    proxyUnlessSelf(exchange: Exchange, address: string, onGone: () => void): boolean {
        if (this.isSelf(address)) {
            return false;
        }
        void this.proxyTo(exchange, address, onGone);
        return true;
    }

    /**
     * Passes a request on to the replica at `address`. Only an address that the Service lists is ever called, whatever a
     * session id says: the address may have become somebody else's.
     *
     * @param onGone called, instead of an answer, when there is no such replica any more
     */
    async proxyTo(exchange: Exchange, address: string, onGone: () => void): Promise<void> {
        const { request, response, headers } = exchange;
        const known =
            headers[passedOn] === undefined && (await this.membership.read()).has(address);
        if (response.destroyed) {
            return;
        }
        if (!known) {
            onGone();
            return;
        }
        const outgoing = openRequest({
            agent: this.agent,
            host: address,
            port: this.port,
            method: request.method,
            path: request.url,
            headers: { ...passHeaders(headers), [passedOn]: this.args.address },
        });
        const timer = setTimeout(() => outgoing.destroy(new Error("no connection")), connectLimit);
        outgoing.on("socket", (socket) => {
            if (socket.connecting) {
                socket.once("connect", () => clearTimeout(timer));
            } else {
                clearTimeout(timer);
            }
        });
        outgoing.on("response", (incoming) => {
            if (response.destroyed) {
                incoming.destroy();
                return;
            }
            response.writeHead(incoming.statusCode ?? 502, passHeaders(incoming.headers));
            response.flushHeaders();
            incoming.on("error", () => response.destroy()).pipe(response);
            if (request.method === "GET") {
                exchange.markLasting();
                this.streams.set(exchange, incoming);
            }
        });
        outgoing.on("error", (error) => {
            clearTimeout(timer);
            if (response.destroyed) {
                // Given up with its client, for whom nothing is to be done any more.
                return;
            }
            this.args.log("warn", "replica does not answer", { address, reason: error.message });
            if (response.headersSent) {
                response.destroy();
            } else {
                // What is left of the body must be read, or nothing that follows on this connection would be.
                request.unpipe(outgoing).resume();
                exchange.reclaim();
                onGone();
            }
        });
        exchange.proxyTo();
        exchange.onClosed = () => {
            this.streams.delete(exchange);
            outgoing.destroy();
        };
        if (exchange.body === undefined) {
            request.pipe(outgoing);
        } else {
            outgoing.end(exchange.body);
        }
    }

    /** Ends the streams of clients whose sessions are elsewhere, which come back to another replica. */
    endStreams(): void {
        for (const [{ response }, incoming] of this.streams) {
            incoming.unpipe(response);
            response.end();
        }
    }

    /** Tells all others what a client said that concerns whichever of them has its call. Nobody waits for their answers. */
    async broadcast({ request, headers, body }: Exchange): Promise<void> {
        if (this.membership.alone || headers[passedOn] !== undefined) {
            return;
        }
        for (const address of await this.membership.read()) {
            if (!this.isSelf(address)) {
                const outgoing = openRequest({
                    agent: this.agent,
                    host: address,
                    port: this.port,
                    method: request.method,
                    path: request.url,
                    timeout: connectLimit,
                    headers: { ...passHeaders(headers), [passedOn]: this.args.address },
                });
                outgoing.on("response", (incoming) => incoming.resume());
                outgoing.on("timeout", () => outgoing.destroy());
                outgoing.on("error", () => undefined);
                outgoing.end(body);
            }
        }
    }

    /** Closes what is open to other replicas. */
    close(): void {
        this.agent.destroy();
    }
}

function passHeaders(headers: IncomingHttpHeaders): IncomingHttpHeaders {
    const passed = { ...headers };
    perConnection.forEach((name) => delete passed[name]);
    return passed;
}
