import { credentials } from "@grpc/grpc-js";
import engineGrpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engineProto from "@pulumi/pulumi/proto/engine_pb.js";

/** Log of one resource in the engine's display. */
export interface ResourceLog {
    /** Shows the current state; the next one replaces it. */
    progress(text: string): void;
    info(text: string): void;
    warning(text: string): void;
}

/** The engine's log, at the address given in the handshake. */
export class EngineLog {
    readonly #client: engineGrpc.EngineClient;

    constructor(address: string) {
        this.#client = new engineGrpc.EngineClient(address, credentials.createInsecure());
    }

    /** The log of one resource. */
    for(urn: string): ResourceLog {
        const { INFO, WARNING } = engineProto.LogSeverity;
        return {
            progress: (text) => this.#write(urn, INFO, text, true),
            info: (text) => this.#write(urn, INFO, text, false),
            warning: (text) => this.#write(urn, WARNING, text, false),
        };
    }

    close(): void {
        this.#client.close();
    }

    #write(urn: string, severity: engineProto.LogSeverity, text: string, ephemeral: boolean): void {
        const request = new engineProto.LogRequest()
            .setUrn(urn)
            .setSeverity(severity)
            .setMessage(text)
            .setEphemeral(ephemeral);
        // A failure to log must not fail the operation.
        this.#client.log(request, () => undefined);
    }
}

/** Discards all lines, for use without an engine. */
export const silentLog: ResourceLog = {
    progress: () => undefined,
    info: () => undefined,
    warning: () => undefined,
};
