import { CoreV1Api, VersionApi } from "@kubernetes/client-node";
import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";

import { describeCause } from "../../verify/verifyServer.ts";
import { askUrl, awaitAnswer } from "./ask.ts";
import type { Finding } from "./finding.ts";
import { given, type Patient } from "./patient.ts";

/** The API server answers, the stack's namespace is there, and the stack is deployed. */
export async function findClusterFinding(patient: Patient): Promise<Finding | undefined> {
    const { kube, namespace, outputs, commands } = patient;
    const server = kube.getCurrentCluster()?.server ?? "no cluster";
    try {
        await awaitAnswer(kube.makeApiClient(VersionApi).getCode());
    } catch (error) {
        return {
            what: `the API server of context '${kube.getCurrentContext()}' does not answer`,
            why: `${server}: ${describeCause(error)}`,
            repair: `${commands.deploy} starts the embedded platform; for a cluster of your own: kubectl config get-contexts, and --context NAME`,
        };
    }
    if ("error" in outputs) {
        return {
            what: `stack '${patient.stack}' is not deployed`,
            why: outputs.error,
            repair: commands.deploy,
        };
    }
    try {
        await kube.makeApiClient(CoreV1Api).readNamespace({ name: namespace });
        return undefined;
    } catch (error) {
        const code = (error as { code?: number }).code;
        return {
            what: `the namespace '${namespace}' cannot be read`,
            why: code === 404 ? `${server} has no such namespace` : describeCause(error),
            repair: commands.restore,
        };
    }
}

/** The registry answers as one. */
export async function findRegistryFinding(patient: Patient): Promise<Finding | undefined> {
    const [host = ""] = patient.registry.split("/");
    const isLocal = /^(localhost|127\.)/.test(host);
    const url = `${isLocal ? "http" : "https"}://${host}/v2/`;
    const answer = await askUrl(url);
    if (!("error" in answer) && (answer.ok || answer.status === 401)) return undefined;
    return {
        what: `the registry '${host}' does not answer`,
        why:
            "error" in answer
                ? answer.error
                : `${url} answered ${answer.status}, not as a registry`,
        repair: isLocal
            ? patient.commands.deploy
            : `docker login ${host}, and 'slipway:registry.address' must name it`,
    };
}

/** Something listens at the public address. */
export async function findGatewayFinding(patient: Patient): Promise<Finding | undefined> {
    const { host, port } = patient.gateway;
    const socket = connectTcp({ host, port });
    try {
        await awaitAnswer(once(socket, "connect"));
        return undefined;
    } catch (error) {
        return {
            what: `the gateway does not accept connections at ${host}:${port}`,
            why: describeCause(error),
            repair: `${patient.commands.kubectl} get services,endpointslices; ${patient.commands.restore}`,
        };
    } finally {
        socket.destroy();
    }
}

/** The certificate of every public host is trusted, valid today and for that host. */
export async function findCertificateFinding(patient: Patient): Promise<Finding | undefined> {
    const hosts = new Set(Object.values(given(patient).endpoints).map((url) => new URL(url).host));
    for (const address of hosts) {
        const { hostname, port } = new URL(`https://${address}`);
        const servername = /^[\d.]+$/.test(hostname) ? "" : hostname;
        const socket = connectTls({ host: hostname, port: Number(port || 443), servername });
        try {
            await awaitAnswer(once(socket, "secureConnect"));
        } catch (error) {
            return {
                what: `the certificate of '${address}' is not accepted`,
                why: describeCause(error),
                repair: `${patient.commands.restore}; with a certificate of your own: renew the Secret of 'slipway:gateway.tls.secretName'`,
            };
        } finally {
            socket.destroy();
        }
    }
    return undefined;
}
