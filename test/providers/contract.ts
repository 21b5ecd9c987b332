import type * as automation from "@pulumi/pulumi/automation/index.js";
import assert from "node:assert/strict";

import type { PackageName } from "../../local/engine.ts";
import { hasOfficialPlugins } from "./officialPlugins.ts";
import { openProviderStack } from "./providerStack.ts";
import type { ProviderStack } from "./providerStack.ts";

/** Outputs of a subject's program, with secrets in plain text. */
export type Outputs = Record<string, unknown>;

/** A resource that all providers of its package must treat alike. */
export interface Subject {
    /** Shown in test titles, e.g. `random.RandomPassword`. */
    title: string;
    /** Type token of the resource under test, named `subject`; its program may hold others. */
    type: string;
    packages: readonly PackageName[];
    /** Variables by which providers reach their services. */
    environment?: Record<string, string>;
    /** Creates the resource. */
    first: automation.PulumiFn;
    /**
     * Programs that update it in place, one after the other.
     *
     * @default [] (it cannot be updated)
     */
    updates?: automation.PulumiFn[];
    /** A change that replaces the resource; absent when every change is made in place. */
    replaced?: automation.PulumiFn;
    /** A change that the provider or the service refuses, and the expected message. */
    broken: Refused;
    /** Further refused programs, by the reason. */
    refused?: Record<string, Refused>;
    /** Direct access to the service; absent when the resource exists in the state only. */
    outside?: {
        /** Everything that a preview must not change, as text; empty when nothing exists. */
        look(): Promise<string>;
        /** Changes a value that the program sets. */
        meddle(): Promise<void>;
        /**
         * Whether the provider is write-only: a refresh finds no drift, and a deletion leaves everything in the
         * service.
         *
         * @default false
         */
        writesOnly?: boolean;
    };
    /** Values that must not be in plain text in the state. */
    secrets?(outputs: Outputs): string[];
    /** Further checks of the outputs. */
    verify?(outputs: Outputs): void | Promise<void>;
}

/** A refused program, and the expected message. */
interface Refused {
    program: automation.PulumiFn;
    message: RegExp;
}

/** Runs the whole scenario against the stand-in, and against the official plugins where they are installed. */
export function describeContract(subject: Subject): Promise<void> {
    return describeSteps(subject, scenario(subject));
}

/** Runs only the beginning and the end of the scenario, for types similar to one that is tested in full. */
export function describeMaking(subject: Made): Promise<void> {
    return describeSteps(subject, [...makingSteps(subject), ...endingSteps(subject)]);
}

/** Runs custom steps against the stand-in, and against the official plugins where they are installed. */
export async function describeSteps(
    subject: Pick<Subject, "title" | "packages" | "environment">,
    steps: Step[],
): Promise<void> {
    const sources = [{ name: "stand-in", official: false }];
    if (await hasOfficialPlugins(subject.packages))
        sources.push({ name: "official plugin", official: true });
    for (const { name, official } of sources) {
        describe(`${subject.title}, ${name}`, function () {
            this.timeout(180_000);
            let opened: ProviderStack;
            before(async () => {
                opened = await openProviderStack(subject.packages, {
                    environment: subject.environment ?? {},
                    official,
                });
            });
            after(async () => {
                await opened.stack.destroy();
                await opened.close();
            });
            for (const [title, step] of steps) it(title, () => step(opened));
        });
    }
}

/** One test of a scenario; it starts from the state that the previous one left. */
export type Step = [title: string, run: (opened: ProviderStack) => Promise<void>];

/** Subject of the beginning and the end of the scenario. */
type Made = Omit<Subject, "replaced" | "broken" | "refused" | "updates">;

function makingSteps(subject: Made): Step[] {
    return [
        ["creates nothing in a preview", (opened) => previewOnly(subject, opened, subject.first)],
        ["creates it", (opened) => expectOperations(subject, opened, subject.first, ["create"])],
        ["returns its outputs", (opened) => verifyOutputs(subject, opened)],
        ["keeps its secrets out of the state", (opened) => expectSecrets(subject, opened)],
        [
            "changes nothing in a second update",
            (opened) => expectOperations(subject, opened, subject.first, ["same"]),
        ],
        ["finds no drift", (opened) => expectNoDrift(subject, opened)],
    ];
}

function endingSteps(subject: Made): Step[] {
    return subject.outside?.writesOnly === true
        ? [["removes it from the state only", (opened) => expectDestruction(subject, opened)]]
        : [["deletes it", (opened) => expectDestruction(subject, opened)]];
}

function scenario(subject: Subject): Step[] {
    return [
        ...makingSteps(subject),
        ...(subject.updates ?? []).flatMap((updated, index) =>
            updateSteps(subject, updated, index === 0 ? "" : ` (${index + 1})`),
        ),
        ...replacementSteps(subject),
        ["keeps it in the state when a change fails", (opened) => expectFailure(subject, opened)],
        ...Object.entries(subject.refused ?? {}).map(([title, refused]): Step => [
            `refuses ${title}`,
            (opened) => expectRefusal(subject, opened, refused),
        ]),
        ...driftSteps(subject),
        ...endingSteps(subject),
    ];
}

function updateSteps(subject: Subject, updated: automation.PulumiFn, which: string): Step[] {
    return [
        [`updates nothing in a preview${which}`, (opened) => previewOnly(subject, opened, updated)],
        [
            `updates it in place${which}`,
            (opened) => expectOperations(subject, opened, updated, ["update"]),
        ],
        [`finds no drift after an update${which}`, (opened) => expectNoDrift(subject, opened)],
    ];
}

function replacementSteps(subject: Subject): Step[] {
    const { replaced } = subject;
    if (replaced === undefined) return [];
    return [
        ["replaces nothing in a preview", (opened) => previewOnly(subject, opened, replaced)],
        ["replaces it", (opened) => expectReplacement(subject, opened, replaced)],
    ];
}

/** The program of the last change. */
function lastOf({ first, updates = [], replaced }: Subject): automation.PulumiFn {
    return replaced ?? updates.at(-1) ?? first;
}

function driftSteps(subject: Subject): Step[] {
    const { outside } = subject;
    if (outside === undefined) return [];
    const meddle = async (opened: ProviderStack): Promise<string> => {
        opened.use(lastOf(subject));
        const right = await outside.look();
        await outside.meddle();
        assert.notEqual(await outside.look(), right, "meddling changed nothing");
        return right;
    };
    if (outside.writesOnly === true) {
        return [
            [
                "ignores outside changes",
                async (opened) => {
                    await meddle(opened);
                    await expectNoDrift(subject, opened);
                    await expectOperations(subject, opened, lastOf(subject), ["same"]);
                },
            ],
        ];
    }
    return [
        [
            "finds and repairs outside changes",
            async (opened) => {
                const right = await meddle(opened);
                assert.deepEqual(await refresh(opened, subject.type), ["update"]);
                await expectOperations(subject, opened, lastOf(subject), ["update"]);
                assert.equal(await outside.look(), right);
            },
        ],
    ];
}

async function previewOnly(
    { type, outside }: Made,
    opened: ProviderStack,
    program: automation.PulumiFn,
): Promise<void> {
    const before = [await opened.readState(), await outside?.look()];
    opened.use(program);
    const { changeSummary } = await opened.stack.preview();
    assert.ok(
        Object.keys(changeSummary).some((key) => key !== "same"),
        `${type} shows no change`,
    );
    assert.deepEqual([await opened.readState(), await outside?.look()], before);
}

async function expectOperations(
    { type, outside }: Made,
    opened: ProviderStack,
    program: automation.PulumiFn,
    operations: string[],
): Promise<void> {
    opened.use(program);
    assert.deepEqual(await up(opened, type), operations);
    if (outside !== undefined) assert.notEqual(await outside.look(), "");
}

async function verifyOutputs(subject: Made, opened: ProviderStack): Promise<void> {
    await subject.verify?.(await outputsOf(opened));
}

async function expectSecrets(subject: Made, opened: ProviderStack): Promise<void> {
    const secrets = subject.secrets?.(await outputsOf(opened)) ?? [];
    const state = await opened.readState();
    for (const secret of secrets) {
        assert.ok(secret.length >= 8, "a secret too short to be searched for");
        for (const form of [secret, Buffer.from(secret).toString("base64")])
            assert.ok(
                !state.includes(JSON.stringify(form).slice(1, -1)),
                "a secret stands in the state",
            );
    }
}

async function expectNoDrift({ type }: Made, opened: ProviderStack): Promise<void> {
    assert.deepEqual(await refresh(opened, type), ["same"]);
}

async function expectReplacement(
    subject: Subject,
    opened: ProviderStack,
    replaced: automation.PulumiFn,
): Promise<void> {
    opened.use(replaced);
    const operations = await up(opened, subject.type);
    assert.ok(operations.includes("replace"), `operations were ${operations.join(", ")}`);
    await expectOperations(subject, opened, replaced, ["same"]);
}

async function expectFailure(subject: Subject, opened: ProviderStack): Promise<void> {
    await expectRefusal(subject, opened, subject.broken);
    opened.use(lastOf(subject));
    await opened.stack.up();
    await expectOperations(subject, opened, lastOf(subject), ["same"]);
}

async function expectRefusal(
    { type }: Subject,
    opened: ProviderStack,
    { program, message }: Refused,
): Promise<void> {
    const idOf = (state: string) => resourceIn(state, type)?.id;
    const before = idOf(await opened.readState());
    assert.ok(before !== undefined, "the resource is not in the state");
    opened.use(program);
    await assert.rejects(opened.stack.up(), message);
    assert.ok(idOf(await opened.readState()) !== undefined, "the resource was lost");
}

async function expectDestruction(subject: Made, opened: ProviderStack): Promise<void> {
    await opened.stack.destroy();
    assert.equal(resourceIn(await opened.readState(), subject.type), undefined);
    const left = (await subject.outside?.look()) ?? "";
    if (subject.outside?.writesOnly === true) assert.notEqual(left, "");
    else assert.equal(left, "");
}

async function outputsOf(opened: ProviderStack): Promise<Outputs> {
    const outputs = await opened.stack.outputs();
    return Object.fromEntries(Object.entries(outputs).map(([key, { value }]) => [key, value]));
}

function resourceIn(state: string, type: string): { id: string } | undefined {
    const { checkpoint } = JSON.parse(state) as {
        checkpoint: { latest?: { resources?: { type: string; id: string; urn: string }[] } };
    };
    return checkpoint.latest?.resources?.find(
        (resource) => resource.type === type && isSubject(resource.urn),
    );
}

/** Operations of an update on the resources of a type, in order. */
async function up(opened: ProviderStack, type: string): Promise<string[]> {
    const operations: string[] = [];
    await opened.stack.up({ onEvent: (event) => note(event, type, operations) });
    return operations;
}

async function refresh(opened: ProviderStack, type: string): Promise<string[]> {
    const operations: string[] = [];
    await opened.stack.refresh({ onEvent: (event) => note(event, type, operations) });
    return operations;
}

function note(event: automation.EngineEvent, type: string, operations: string[]): void {
    const { metadata } = event.resOutputsEvent ?? {};
    if (metadata?.type === type && isSubject(metadata.urn)) operations.push(metadata.op);
}

function isSubject(urn: string): boolean {
    return urn.endsWith("::subject");
}
