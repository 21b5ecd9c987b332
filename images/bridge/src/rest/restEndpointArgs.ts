import type { JsonObject } from "../json/jsonRpc.ts";
import type { Log } from "../log/log.ts";
import type { ToolCatalog } from "../processes/toolCatalog.ts";
import type { CallResult } from "./callAnswer.ts";
import type { ServerTitle } from "./openApi.ts";

/** What the REST façade needs of the bridge. */
export interface RestEndpointArgs<Caller> {
    /**
     * Calls a tool for a caller.
     *
     * @param signal aborted when the client goes away before its answer
     */
    callTool: (
        caller: Caller,
        name: string,
        args: JsonObject,
        signal: AbortSignal,
    ) => Promise<CallResult>;
    catalog: Pick<ToolCatalog, "find" | "tools">;
    /**
     * Whether a tool exists for a caller.
     *
     * @default every tool, for everyone
     */
    offers?: (name: string, caller: Caller) => boolean;
    /** What the OpenAPI document says of the server; asked when the tools were read anew. */
    about: () => ServerTitle;
    /** Whether requests need a bearer token, for the OpenAPI document. */
    bearer: boolean;
    /** Where the files of `restAssets.ts` are. */
    assetsDirectory: string;
    /** Largest request body, in bytes. */
    bodyLimit: number;
    log: Log;
}
