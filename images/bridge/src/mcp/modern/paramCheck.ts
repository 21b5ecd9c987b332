import { findParamHeaderProblem } from "./paramHeaders.ts";
import type { Exchange } from "../../http/exchange.ts";
import type { RpcRequest } from "../../json/jsonRpc.ts";
import type { ToolCatalog } from "../../processes/toolCatalog.ts";

/**
 * Makes the check of `Mcp-Param-*` headers, which needs the tool's schema: at once when the server's tools are known,
 * after they were read for the first call.
 *
 * @returns a function that finds a problem, or undefined
 */
export function createParamCheck(catalog: ToolCatalog) {
    return (
        { headers }: Exchange,
        { method, params }: RpcRequest,
    ): string | undefined | Promise<string | undefined> => {
        const name = params?.name;
        if (method !== "tools/call" || typeof name !== "string") {
            return undefined;
        }
        const known = catalog.known(name);
        if (known !== undefined || catalog.loaded) {
            return known && findParamHeaderProblem(known.inputSchema, params?.arguments, headers);
        }
        return catalog.find(name).then(
            (tool) => tool && findParamHeaderProblem(tool.inputSchema, params?.arguments, headers),
            // A server that cannot list its tools may have them all the same, and will say what is wrong.
            () => undefined,
        );
    };
}
