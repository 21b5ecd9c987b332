import { Server, ServerCredentials } from "@grpc/grpc-js";
import type { sendUnaryData, ServerUnaryCall, ServerWritableStream } from "@grpc/grpc-js";
import languageGrpc from "@pulumi/pulumi/proto/language_grpc_pb.js";
import languageProto from "@pulumi/pulumi/proto/language_pb.js";
import pluginProto from "@pulumi/pulumi/proto/plugin_pb.js";
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";

type RunPluginCall = ServerWritableStream<
    languageProto.RunPluginRequest,
    languageProto.RunPluginResponse
>;

/** A language host that the engine attaches to. */
export interface LanguageHost {
    port: number;
    close: () => void;
}

/**
 * Runs plugins in Node.js for the engine, as `pulumi-language-nodejs` does, which comes with the official download only.
 * `PULUMI_DEBUG_LANGUAGES` names its port.
 */
export async function serveNodeLanguageHost(): Promise<LanguageHost> {
    const server = new Server();
    server.addService(languageGrpc.LanguageRuntimeService, {
        handshake: answerWith(new languageProto.LanguageHandshakeResponse()),
        getPluginInfo: answerWith(new pluginProto.PluginInfo()),
        runPlugin,
    });
    const port = await new Promise<number>((resolve, reject) => {
        server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
            if (error) reject(error);
            else resolve(bound);
        });
    });
    return { port, close: () => server.forceShutdown() };
}

function answerWith<Response>(response: Response) {
    return (_call: ServerUnaryCall<unknown, Response>, answer: sendUnaryData<Response>): void =>
        answer(null, response);
}

/** Runs the plugin of a directory with the SDK that is installed there, until the engine has had enough of it. */
function runPlugin(call: RunPluginCall): void {
    const directory = call.request.getInfo()?.getProgramDirectory() ?? "";
    const runner = createRequire(join(directory, "package.json")).resolve(
        "@pulumi/pulumi/cmd/run-plugin",
    );
    const environment = call.request.getEnvList().map((entry) => {
        const end = entry.indexOf("=");
        return [entry.slice(0, end), entry.slice(end + 1)];
    });
    const plugin = spawn(process.execPath, [runner, directory, ...call.request.getArgsList()], {
        cwd: call.request.getPwd(),
        env: Object.fromEntries(environment) as NodeJS.ProcessEnv,
        stdio: ["ignore", "pipe", "pipe"],
    });
    const response = () => new languageProto.RunPluginResponse();
    plugin.stdout.on("data", (text: Buffer) => call.write(response().setStdout(text)));
    plugin.stderr.on("data", (text: Buffer) => call.write(response().setStderr(text)));
    plugin.on("close", (code) => {
        call.write(response().setExitcode(code ?? 1));
        call.end();
    });
    call.on("cancelled", () => plugin.kill());
}
