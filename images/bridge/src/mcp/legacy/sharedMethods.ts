import type { Call } from "../../calls/call.ts";
import type { Upstream } from "../../processes/childPool.ts";
import type { SharedChild } from "../../processes/sharedChild.ts";
import type { Exchange } from "../../http/exchange.ts";
import { errorCodes, type JsonObject } from "../../json/jsonRpc.ts";
import type { Session } from "./session.ts";
import { refuseUnknown, type SessionRouter } from "./sessionRouter.ts";
import type { ResourceSubscriptions } from "../../processes/subscriptions.ts";

/** Methods of a session whose effect is on the connection, done by the bridge for those who share one. */
export class SharedMethods {
    private readonly subscriptions: ResourceSubscriptions;
    private readonly router: SessionRouter;
    /** Sessions that listen for what concerns everybody. */
    private readonly listening = new Set<Session>();

    constructor(child: SharedChild, subscriptions: ResourceSubscriptions, router: SessionRouter) {
        this.router = router;
        this.subscriptions = subscriptions;
        child.on("notification", (method, params) => {
            if (method.endsWith("/list_changed") && subscriptions.concerns(params)) {
                this.listening.forEach((session) => notify(session, method));
            }
        });
    }

    /** Lets a session hear of changed lists, from when it listens. */
    listen(session: Session): void {
        this.listening.add(session);
        this.subscriptions.hearLists();
        session.endings.set("listening", () => this.listening.delete(session));
    }

    /** Answers a request. */
    serve(
        call: Call,
        exchange: Exchange,
        session: Session | undefined,
        { connection }: Upstream,
    ): void {
        const { method, params } = call.request;
        const uri = params?.uri;
        const own = connection === this.subscriptions.connection;
        if (
            !own ||
            session === undefined ||
            typeof uri !== "string" ||
            !method.startsWith("resources/")
        ) {
            const message = `'${method}' is not available from a process that many clients share`;
            call.answer({ error: { code: errorCodes.methodNotFound, message } });
        } else if (this.router.proxyTo(exchange, session, () => refuseUnknown(exchange))) {
            // The replica that opened the session has its stream, on which the client is to be told.
            session.callOver(call);
        } else if (method === "resources/subscribe") {
            void this.subscribe(call, session, uri);
        } else {
            session.endings.get(uri)?.();
            session.endings.delete(uri);
            call.answer({ result: {} });
        }
    }

    private async subscribe(call: Call, session: Session, uri: string): Promise<void> {
        if (session.endings.has(uri)) {
            call.answer(await this.subscriptions.outcomeOf(uri));
            return;
        }
        const listener = (params: JsonObject): void =>
            notify(session, "notifications/resources/updated", params);
        const unsubscribe = (): void => this.subscriptions.remove(uri, listener);
        session.endings.set(uri, unsubscribe);
        const outcome = await this.subscriptions.add(
            uri,
            listener,
            session.terms.principal ?? session,
        );
        // The session may have taken this one back, and subscribed anew.
        if ("error" in outcome && session.endings.get(uri) === unsubscribe) {
            session.endings.delete(uri);
        }
        call.answer(outcome);
    }
}

function notify(session: Session, method: string, params?: JsonObject): void {
    const { streams } = session;
    streams.send(
        streams.standalone,
        JSON.stringify({ jsonrpc: "2.0", method, ...(params && { params }) }),
    );
}
