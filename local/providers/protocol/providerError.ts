import { Metadata, status } from "@grpc/grpc-js";
import type { ServiceError } from "@grpc/grpc-js";
import providerProto from "@pulumi/pulumi/proto/provider_pb.js";
import statusProto from "@pulumi/pulumi/proto/status_pb.js";
import anyProto from "google-protobuf/google/protobuf/any_pb.js";

import { toStruct } from "./struct.ts";
import type { Values } from "./values.ts";

/**
 * A resource was created or updated but is not ready. The engine keeps it in the state and repairs it in the next
 * update.
 */
export class NotReadyError extends Error {
    readonly id: string;
    readonly outputs: Values;
    readonly reasons: string[];
    /** Actual inputs; only when the resource was read. */
    readonly inputs: Values | undefined;

    constructor(id: string, outputs: Values, reasons: string[], inputs?: Values) {
        super(reasons.join("; "));
        this.inputs = inputs;
        this.id = id;
        this.outputs = outputs;
        this.reasons = reasons;
    }
}

/** Converts a failure to a gRPC error: its message and, for an existing resource, its state. */
export function toGrpcError(
    error: unknown,
    close: (outputs: Values) => Values = (outputs) => outputs,
): Error & Partial<ServiceError> {
    if (!(error instanceof NotReadyError)) {
        const details = error instanceof Error ? error.message : String(error);
        // The code means that the state is known; by the default code, the engine would report it as corrupt.
        return Object.assign(new Error(details), { code: status.FAILED_PRECONDITION, details });
    }
    const failure = new providerProto.ErrorResourceInitFailed();
    failure.setId(error.id);
    failure.setProperties(toStruct(close(error.outputs)));
    failure.setReasonsList(error.reasons);
    if (error.inputs !== undefined) failure.setInputs(toStruct(close(error.inputs)));
    const packed = new anyProto.Any();
    packed.pack(failure.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const answer = new statusProto.Status().setCode(status.UNKNOWN).setMessage(error.message);
    answer.addDetails(packed);
    const metadata = new Metadata();
    metadata.add("grpc-status-details-bin", Buffer.from(answer.serializeBinary()));
    return Object.assign(new Error(error.message), {
        code: status.UNKNOWN,
        details: error.message,
        metadata,
    });
}
