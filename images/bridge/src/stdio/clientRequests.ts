import { errorCodes, isObject, type JsonObject, type RpcError } from "../json/jsonRpc.ts";

/** Capability of a client by which it takes a request of the server. */
const capabilityOf: Record<string, string> = {
    "elicitation/create": "elicitation",
    "sampling/createMessage": "sampling",
    "roots/list": "roots",
};

/** Whether a client that declares `capabilities` takes a server's request. */
export function isDeclared(method: string, capabilities: JsonObject): boolean {
    const name = Object.hasOwn(capabilityOf, method) ? capabilityOf[method] : undefined;
    return name !== undefined && isObject(capabilities[name]);
}

/**
 * Why a server's request does not reach a client that did not declare the capability for it: the error of 2026-07-28, from
 * which a server that passes it on tells its client what is missing.
 */
export function refuseUndeclared(method: string): RpcError {
    const name = Object.hasOwn(capabilityOf, method) ? capabilityOf[method] : undefined;
    return name === undefined
        ? { code: errorCodes.methodNotFound, message: `'${method}' is no request to a client` }
        : {
              code: errorCodes.missingCapability,
              message: `the client did not declare the capability '${name}', or the server serves many clients by one process`,
              data: { requiredCapabilities: { [name]: {} } },
          };
}
