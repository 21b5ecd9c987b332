import type { JsonObject, RequestId } from "../json/jsonRpc.ts";
import type { ProcessExit } from "./serverProcess.ts";

/** Takes what a process says by itself. */
export interface ConnectionHandlers {
    onNotification(method: string, params: JsonObject | undefined): void;
    /** A request of the server to its client; `ping` is answered before it comes here. */
    onRequest(id: RequestId, method: string, params: JsonObject | undefined): void;
    /** The process is gone; its calls have failed already. */
    onExit(exit: ProcessExit): void;
}

/** For a process that nobody listens to. */
export const nobody: ConnectionHandlers = {
    onNotification: () => undefined,
    onRequest: () => undefined,
    onExit: () => undefined,
};
