import { Server, ServerCredentials } from "@grpc/grpc-js";
import type { ServerUnaryCall, sendUnaryData, status } from "@grpc/grpc-js";
import pluginProto from "@pulumi/pulumi/proto/plugin_pb.js";
import providerGrpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import providerProto from "@pulumi/pulumi/proto/provider_pb.js";
import emptyProto from "google-protobuf/google/protobuf/empty_pb.js";
import { createInterface } from "node:readline";

import { check, create, diff, read, remove, update } from "./operations.ts";
import { failureLine } from "./provider.ts";
import type { Provider } from "./provider.ts";
import { toGrpcError } from "./providerError.ts";
import { sdkVersion } from "./sdkVersion.ts";
import { Session } from "./session.ts";
import { fromStruct, toStruct } from "./struct.ts";
import type { Values } from "./values.ts";
import { openSecrets } from "./wire.ts";

/**
 * Serves a stand-in on a free port of the loopback interface, prints the port as the first line of stdout, and exits
 * when stdin ends, so that it never outlives the process that started it. Reads `failureLine` from stdin.
 */
export async function serve(provider: Provider): Promise<void> {
    const version = await sdkVersion(provider.name);
    const server = new Server({
        "grpc.max_receive_message_length": -1,
        "grpc.max_send_message_length": -1,
    });
    // Each connection is one configured provider; gRPC identifies connections by the peer's port only.
    const sessions = new Map<string, Session>();
    server.addService(providerGrpc.ResourceProviderService, methodsOf(provider, version, sessions));
    const port = await new Promise<number>((resolve, reject) => {
        server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
            if (error) reject(error);
            else resolve(bound);
        });
    });
    createInterface(process.stdin)
        .on("line", (line) => {
            if (line !== failureLine) return;
            for (const session of sessions.values()) session.noteFailure();
        })
        .on("close", () => process.exit(0));
    process.stdout.write(`${port}\n`);
}

function methodsOf(provider: Provider, version: string, sessions: Map<string, Session>) {
    const sessionOf = (call: { getPeer(): string }): Session => {
        const peer = call.getPeer();
        const session = sessions.get(peer) ?? new Session(provider);
        sessions.set(peer, session);
        return session;
    };
    const unary =
        <Request, Response>(
            run: (session: Session, request: Request) => Response | Promise<Response>,
        ) =>
        (call: ServerUnaryCall<Request, Response>, answer: sendUnaryData<Response>): void => {
            Promise.resolve()
                .then(() => run(sessionOf(call), call.request))
                .then(
                    (response) => answer(null, response),
                    (error: unknown) => answer(isGrpcError(error) ? error : toGrpcError(error)),
                );
        };
    return {
        // The first call of a connection; the session of an earlier connection from this port has ended.
        handshake: (
            call: ServerUnaryCall<
                providerProto.ProviderHandshakeRequest,
                providerProto.ProviderHandshakeResponse
            >,
            answer: sendUnaryData<providerProto.ProviderHandshakeResponse>,
        ): void => {
            sessions.get(call.getPeer())?.close();
            sessions.delete(call.getPeer());
            answer(null, handshakeResponse());
        },
        attach: unary((session, request: pluginProto.PluginAttach) => {
            session.attach(request.getAddress());
            return new emptyProto.Empty();
        }),
        configure: unary(async (session, request: providerProto.ConfigureRequest) => {
            await session.configure(parseConfig(openSecrets(fromStruct(request.getArgs()))));
            return new providerProto.ConfigureResponse()
                .setAcceptsecrets(true)
                .setSupportspreview(true)
                .setSupportsAutonamingConfiguration(true);
        }),
        getPluginInfo: unary(() => new pluginProto.PluginInfo().setVersion(version)),
        cancel: unary((session) => {
            session.cancel();
            return new emptyProto.Empty();
        }),
        invoke: unary(async (session, request: providerProto.InvokeRequest) => {
            const args = openSecrets(fromStruct(request.getArgs()));
            const result = await session.callFunction(request.getTok(), args);
            return new providerProto.InvokeResponse().setReturn(toStruct(result));
        }),
        check: unary(check),
        diff: unary(diff),
        create: unary(create),
        read: unary(read),
        update: unary(update),
        delete: unary(async (session, request: providerProto.DeleteRequest) => {
            await remove(session, request);
            return new emptyProto.Empty();
        }),
    };
}

function handshakeResponse(): providerProto.ProviderHandshakeResponse {
    return new providerProto.ProviderHandshakeResponse()
        .setAcceptSecrets(true)
        .setSupportsAutonamingConfiguration(true);
}

/** Parses provider configuration, which arrives as strings; other types are JSON. */
function parseConfig(config: Values): Values {
    return Object.fromEntries(
        Object.entries(config).map(([key, value]) => [
            key,
            value === "true" ? true : value === "false" ? false : value,
        ]),
    );
}

function isGrpcError(error: unknown): error is { code: status; details: string } {
    return typeof error === "object" && error !== null && "code" in error && "details" in error;
}
