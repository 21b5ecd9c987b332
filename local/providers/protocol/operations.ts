import providerProto from "@pulumi/pulumi/proto/provider_pb.js";

import type { Change, Difference } from "./difference.ts";
import type { Operation, ResourceType } from "./provider.ts";
import { NotReadyError, toGrpcError } from "./providerError.ts";
import type { Session } from "./session.ts";
import { fromStruct, toStruct } from "./struct.ts";
import type { Values } from "./values.ts";
import { closeSecrets, openSecrets } from "./wire.ts";

/** Request messages that identify a resource. */
interface ResourceRequest {
    getUrn(): string;
    getTimeout?(): number;
}

interface Target {
    kind: ResourceType;
    operation: Operation;
}

export async function check(
    session: Session,
    request: providerProto.CheckRequest,
): Promise<providerProto.CheckResponse> {
    const { kind, operation } = await targetOf(session, request);
    const wireInputs = fromStruct(request.getNews());
    const autonaming = request.getAutonaming();
    const modes = ["propose", "enforce", "disable"] as const;
    const result = await kind.check({
        ...operation,
        oldInputs: openSecrets(fromStruct(request.getOlds())),
        inputs: openSecrets(wireInputs),
        randomSeed: request.getRandomseed_asU8(),
        ...(autonaming && {
            autonaming: {
                mode: modes[autonaming.getMode()] ?? "propose",
                proposedName: autonaming.getProposedName(),
            },
        }),
    });
    const failures = (result.failures ?? []).map(({ property, reason }) =>
        new providerProto.CheckFailure().setProperty(property).setReason(reason),
    );
    const closed = closeSecrets(result.inputs, [wireInputs], result.secretInputs ?? []);
    return new providerProto.CheckResponse().setInputs(toStruct(closed)).setFailuresList(failures);
}

export async function diff(
    session: Session,
    request: providerProto.DiffRequest,
): Promise<providerProto.DiffResponse> {
    const { kind, operation } = await targetOf(session, request);
    const difference = await kind.diff({
        ...operation,
        id: request.getId(),
        oldInputs: openSecrets(fromStruct(request.getOldInputs())),
        oldOutputs: openSecrets(fromStruct(request.getOlds())),
        inputs: openSecrets(fromStruct(request.getNews())),
    });
    return diffResponse(difference);
}

export async function create(
    session: Session,
    request: providerProto.CreateRequest,
): Promise<providerProto.CreateResponse> {
    const { kind, operation } = await targetOf(session, request);
    const wireInputs = fromStruct(request.getProperties());
    const close = (outputs: Values) => closeSecrets(outputs, [wireInputs], kind.secretOutputs);
    const inputs = openSecrets(wireInputs);
    const preview = request.getPreview();
    const made = await withState(close, () => kind.create({ ...operation, inputs, preview }));
    return new providerProto.CreateResponse()
        .setId(made.id)
        .setProperties(toStruct(close(made.outputs)));
}

export async function update(
    session: Session,
    request: providerProto.UpdateRequest,
): Promise<providerProto.UpdateResponse> {
    const { kind, operation } = await targetOf(session, request);
    const wireInputs = fromStruct(request.getNews());
    const close = (outputs: Values) => closeSecrets(outputs, [wireInputs], kind.secretOutputs);
    const outputs = await withState(close, () =>
        kind.update({
            ...operation,
            id: request.getId(),
            oldInputs: openSecrets(fromStruct(request.getOldInputs())),
            oldOutputs: openSecrets(fromStruct(request.getOlds())),
            inputs: openSecrets(wireInputs),
            preview: request.getPreview(),
        }),
    );
    return new providerProto.UpdateResponse().setProperties(toStruct(close(outputs)));
}

export async function read(
    session: Session,
    request: providerProto.ReadRequest,
): Promise<providerProto.ReadResponse> {
    const { kind, operation } = await targetOf(session, request);
    const wireInputs = request.hasInputs() ? fromStruct(request.getInputs()) : undefined;
    const wireOutputs = fromStruct(request.getProperties());
    const live = await kind.read({
        ...operation,
        id: request.getId(),
        ...(wireInputs && { oldInputs: openSecrets(wireInputs) }),
        oldOutputs: openSecrets(wireOutputs),
    });
    const response = new providerProto.ReadResponse();
    if (live === undefined) return response;
    const models = [wireInputs ?? {}, wireOutputs];
    const close = (values: Values) => closeSecrets(values, models, kind.secretOutputs);
    const { id, inputs, outputs, problems = [] } = live;
    if (problems.length > 0)
        throw toGrpcError(new NotReadyError(id, outputs, problems, inputs), close);
    return response
        .setId(id)
        .setProperties(toStruct(close(outputs)))
        .setInputs(toStruct(close(inputs)));
}

export async function remove(
    session: Session,
    request: providerProto.DeleteRequest,
): Promise<void> {
    const { kind, operation } = await targetOf(session, request);
    await kind.delete({
        ...operation,
        id: request.getId(),
        inputs: openSecrets(fromStruct(request.getOldInputs())),
        outputs: openSecrets(fromStruct(request.getProperties())),
    });
}

async function targetOf(session: Session, request: ResourceRequest): Promise<Target> {
    const urn = request.getUrn();
    const [, , types = "", ...name] = urn.split("::");
    const type = types.split("$").at(-1) ?? "";
    const operation = {
        urn,
        name: name.join("::"),
        type,
        log: session.log(urn),
        signal: session.signal,
        othersFailed: session.othersFailed,
        timeoutSeconds: request.getTimeout?.() ?? 0,
    };
    return { kind: await session.resourceType(type), operation };
}

/** Runs an operation; the error for a resource that is not ready carries its state, with secrets wrapped. */
async function withState<T>(close: (outputs: Values) => Values, run: () => Promise<T>): Promise<T> {
    try {
        return await run();
    } catch (error) {
        throw toGrpcError(error, close);
    }
}

function diffResponse({ changes, deleteBeforeReplace }: Difference): providerProto.DiffResponse {
    const { DIFF_SOME, DIFF_NONE } = providerProto.DiffResponse.DiffChanges;
    const response = new providerProto.DiffResponse()
        .setChanges(changes.length > 0 ? DIFF_SOME : DIFF_NONE)
        .setDeletebeforereplace(deleteBeforeReplace ?? false)
        .setHasdetaileddiff(true);
    for (const change of changes) {
        const top = /^[^.[]+/.exec(change.path)?.[0] ?? change.path;
        response.addDiffs(top);
        if (change.replaces) response.addReplaces(top);
        const detail = new providerProto.PropertyDiff().setInputdiff(true).setKind(kindOf(change));
        response.getDetaileddiffMap().set(change.path, detail);
    }
    return response;
}

function kindOf({ kind, replaces }: Change): providerProto.PropertyDiff.Kind {
    const { Kind } = providerProto.PropertyDiff;
    if (kind === "add") return replaces ? Kind.ADD_REPLACE : Kind.ADD;
    if (kind === "delete") return replaces ? Kind.DELETE_REPLACE : Kind.DELETE;
    return replaces ? Kind.UPDATE_REPLACE : Kind.UPDATE;
}
