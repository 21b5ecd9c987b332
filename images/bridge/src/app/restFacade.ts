import { realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { Lazy } from "../collections/lazy.ts";
import type { CallOrigin } from "../calls/call.ts";
import type { ServerResponse } from "node:http";
import type { ServerDescription } from "../stdio/handshake.ts";
import type { Refuse, Serve } from "../http/gate.ts";
import type { RoutesArgs, ServeRest } from "../http/routes.ts";
import type { InFlight } from "../http/inFlight.ts";
import { sendJson } from "../http/writeJson.ts";
import { notLoaded } from "../json/refusal.ts";
import type { Log } from "../log/log.ts";
import { openArgumentCheck } from "../policy/argumentCheck.ts";
import { createCallAdmission, type CallAdmissionArgs } from "../policy/callAdmission.ts";
import { createRestCalls, type RestCallsArgs } from "../rest/restCalls.ts";
import type { RestEndpoint } from "../rest/restEndpoint.ts";
import type { ToolCatalog } from "../processes/toolCatalog.ts";

export interface RestFacadeArgs extends Omit<RestCallsArgs, "admit"> {
    gate: RoutesArgs["gate"];
    traffic: InFlight;
    catalog: ToolCatalog;
    /** The rules about tools; arguments are always checked here, because REST has a status for wrong ones. */
    admission: Omit<CallAdmissionArgs, "check">;
    /** Name of the server, for its documents. */
    server: string;
    /** Whether requests need a bearer token. */
    bearer: boolean;
    bodyLimit: number;
    /** What the running server says about itself; undefined while there is none. */
    describe: () => ServerDescription | undefined;
    log: Log;
}

/** Makes the REST façade. It is loaded with its first request: most bridges never get one. */
export function createRestFacade(args: RestFacadeArgs): ServeRest {
    const { gate, traffic, log } = args;
    const facade = new Lazy(() => load(args, log));

    return async (request, response, path) => {
        let loaded: Loaded;
        try {
            loaded = facade.value ?? (await facade.load());
        } catch (error) {
            log("error", "library not loaded", { reason: (error as Error).message });
            sendNotLoaded(response);
            return true;
        }
        const { endpoint, refuse } = loaded;
        const access = endpoint.access(path);
        if (access === undefined) {
            return false;
        }
        if (response.destroyed) {
            // Gone while the façade was loaded: its "close" has passed, and whoever counts it would count it for ever.
            return true;
        }
        const serve: Serve = (_, __, principal) => {
            const caller = { principal, headers: request.headers, startedAt: performance.now() };
            void endpoint.serve(request, response, path, caller);
        };
        if (access === "open") {
            // Not counted with the calls: pages have a limit of their own.
            serve(request, response, { subject: undefined, client: undefined, scopes: undefined });
        } else {
            const count: Serve = (...admitted) => {
                traffic.count(response);
                serve(...admitted);
            };
            gate(request, response, count, refuse);
        }
        return true;
    };
}

/** Refuses in the façade's own form, without the façade. */
function sendNotLoaded(response: ServerResponse): void {
    const { status, error } = notLoaded;
    const body = { error: { status, code: "unavailable", message: error.message } };
    sendJson(response, status, body, { "retry-after": "2" });
}

interface Loaded {
    endpoint: RestEndpoint<CallOrigin>;
    refuse: Refuse;
}

async function load(args: RestFacadeArgs, log: Log): Promise<Loaded> {
    const { admission, catalog, describe, server, bearer, bodyLimit } = args;
    const [{ createRestEndpoint }, { buildRestError, sendRestError }, check] = await Promise.all([
        import("../rest/restEndpoint.ts"),
        import("../rest/restError.ts"),
        openArgumentCheck(log),
    ]);
    const admit = createCallAdmission({ ...admission, check });
    const endpoint = createRestEndpoint<CallOrigin>({
        callTool: createRestCalls({ ...args, admit }),
        catalog,
        offers: (name) => admission.policy.offers(name),
        about: () => {
            const { serverInfo = {}, instructions } = describe() ?? {};
            const { title, name, version } = serverInfo;
            return {
                title: [title, name].find((text) => typeof text === "string") ?? server,
                version: typeof version === "string" ? version : "0",
                ...(instructions !== undefined && { description: instructions }),
            };
        },
        bearer,
        // The program's file may be reached by a link, as that of a package is.
        assetsDirectory: join(dirname(realpathSync(process.argv[1] ?? ".")), "rest"),
        bodyLimit,
        log,
    });
    const refuse: Refuse = (response, { status, error, headers = [] }) => {
        const named = Object.fromEntries(
            headers.flatMap((name, at) => (at % 2 === 0 ? [[name, headers[at + 1] ?? ""]] : [])),
        );
        sendRestError(response, buildRestError(status, error.message), named);
    };
    return { endpoint, refuse };
}
