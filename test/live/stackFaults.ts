import {
    AppsV1Api,
    AutoscalingV2Api,
    CoreV1Api,
    type KubeConfig,
    PatchStrategy,
    setHeaderOptions,
} from "@kubernetes/client-node";
import type { V1PodTemplateSpec } from "@kubernetes/client-node";

import { makeLocalCertificate } from "../support/localCertificate.ts";
import { connectAdmin } from "../testRun/keycloakAdmin.ts";
import { listReadyPods, readAutoscaler, readDeployment } from "./cluster.ts";

/** Where faults are made: the test stack's namespace, which is also the name of its realm. */
export interface Place {
    kube: KubeConfig;
    namespace: string;
}

/** Puts back what a fault has changed. */
export type Undo = () => Promise<unknown>;

const jsonPatch = setHeaderOptions("Content-Type", PatchStrategy.JsonPatch);
const mergePatch = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);

/** Changes the pods of a server by a change of its template. */
export async function changePods(
    { kube, namespace }: Place,
    server: string,
    change: (template: V1PodTemplateSpec) => void,
): Promise<Undo> {
    const apps = kube.makeApiClient(AppsV1Api);
    const { metadata, spec } = await readDeployment(kube, server);
    const replace = (value: V1PodTemplateSpec) =>
        apps.patchNamespacedDeployment(
            {
                namespace,
                name: metadata!.name!,
                body: [{ op: "replace", path: "/spec/template", value }],
            },
            jsonPatch,
        );
    const before = spec!.template;
    const changed = structuredClone(before);
    change(changed);
    await replace(changed);
    return () => replace(before);
}

/** The container of a server in its template. */
export function containerOf(template: V1PodTemplateSpec) {
    return template.spec!.containers[0]!;
}

export async function scaleToZero({ kube, namespace }: Place, server: string): Promise<Undo> {
    const { metadata, spec } = await readDeployment(kube, server);
    const scale = (replicas: number) =>
        kube
            .makeApiClient(AppsV1Api)
            .patchNamespacedDeploymentScale(
                { namespace, name: metadata!.name!, body: { spec: { replicas } } },
                mergePatch,
            );
    await scale(0);
    return () => scale(spec!.replicas ?? 1);
}

export async function removeDeployment({ kube, namespace }: Place, server: string): Promise<Undo> {
    const apps = kube.makeApiClient(AppsV1Api);
    const { metadata, spec } = await readDeployment(kube, server);
    const { name, labels, annotations } = metadata!;
    await apps.deleteNamespacedDeployment({ namespace, name: name! });
    const body = { metadata: { name, labels, annotations }, spec };
    return () => apps.createNamespacedDeployment({ namespace, body });
}

/** Lets the autoscaler of a server scale something that is not there. */
export async function misleadAutoscaler({ kube, namespace }: Place, server: string): Promise<Undo> {
    const { metadata, spec } = await readAutoscaler(kube, server);
    const aim = (name: string) =>
        kube.makeApiClient(AutoscalingV2Api).patchNamespacedHorizontalPodAutoscaler(
            {
                namespace,
                name: metadata!.name!,
                body: { spec: { scaleTargetRef: { ...spec.scaleTargetRef, name } } },
            },
            mergePatch,
        );
    await aim("nowhere");
    return () => aim(spec.scaleTargetRef.name);
}

/** Lets the public Service of the gateway select no pods. */
export async function loseGatewayPods({ kube, namespace }: Place): Promise<Undo> {
    const core = kube.makeApiClient(CoreV1Api);
    const { items } = await core.listNamespacedService({
        namespace,
        labelSelector: "app.kubernetes.io/component=gateway",
    });
    const service = items.find(({ spec }) => spec?.type === "NodePort")!;
    const select = (lost: string | null) =>
        core.patchNamespacedService(
            { namespace, name: service.metadata!.name!, body: { spec: { selector: { lost } } } },
            mergePatch,
        );
    await select("yes");
    return () => select(null);
}

/** Gives the gateway a certificate that nobody trusts. */
export async function swapCertificate({ kube, namespace }: Place): Promise<Undo> {
    const core = kube.makeApiClient(CoreV1Api);
    const { items } = await core.listNamespacedSecret({
        namespace,
        fieldSelector: "type=kubernetes.io/tls",
    });
    const { metadata, data } = items[0]!;
    const put = async (content: Record<string, string>) => {
        await core.patchNamespacedSecret(
            { namespace, name: metadata!.name!, body: { data: content } },
            mergePatch,
        );
        // NGINX reads it when it starts.
        const pods = await listReadyPods(kube, "gateway");
        for (const { metadata: pod } of pods) {
            await core.deleteNamespacedPod({ namespace, name: pod!.name!, gracePeriodSeconds: 0 });
        }
    };
    const { certificate, key } = await makeLocalCertificate();
    const encode = (text: string) => Buffer.from(text).toString("base64");
    await put({ "tls.crt": encode(certificate), "tls.key": encode(key) });
    return () => put(data!);
}

export async function disableRealm({ namespace: realm }: Place): Promise<Undo> {
    const admin = await connectAdmin();
    await admin.realms.update({ realm }, { enabled: false });
    return () => admin.realms.update({ realm }, { enabled: true });
}

export async function changeClientSecret(
    { namespace: realm }: Place,
    clientId: string,
): Promise<Undo> {
    const admin = await connectAdmin();
    const [client] = await admin.clients.find({ realm, clientId });
    const put = (secret: string) =>
        admin.clients.update({ realm, id: client!.id! }, { ...client, secret });
    await put("another-secret");
    return () => put(client!.secret!);
}

export async function disableClient({ namespace: realm }: Place, clientId: string): Promise<Undo> {
    const admin = await connectAdmin();
    const [client] = await admin.clients.find({ realm, clientId });
    const put = (enabled: boolean) =>
        admin.clients.update({ realm, id: client!.id! }, { ...client, enabled });
    await put(false);
    return () => put(true);
}

/** Takes the mapper away that puts a server into the audience of tokens. */
export async function removeAudience({ namespace: realm }: Place, scope: string): Promise<Undo> {
    const admin = await connectAdmin();
    const found = (await admin.clientScopes.find({ realm })).find(({ name }) => name === scope);
    const [mapper] = found!.protocolMappers!;
    await admin.clientScopes.delProtocolMapper({ realm, id: found!.id!, mapperId: mapper!.id! });
    return () => admin.clientScopes.addProtocolMapper({ realm, id: found!.id! }, mapper!);
}
