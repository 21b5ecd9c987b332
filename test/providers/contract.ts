import type * as automation from "@pulumi/pulumi/automation/index.js";
import assert from "node:assert/strict";

import type { PackageName } from "../../local/engine.ts";
import { hasOfficialPlugins } from "./officialPlugins.ts";
import { openProviderStack } from "./providerStack.ts";
import type { ProviderStack } from "./providerStack.ts";

/** Outputs of a subject's program, opened. */
export type Outputs = Record<string, unknown>;

/** One resource that every provider of its package must treat alike. */
export interface Subject {
    /** What is shown in the titles, e.g. `random.RandomPassword`. */
    title: string;
    /** Type token of the resource under test, named `subject`; its program may hold others. */
    type: string;
    packages: readonly PackageName[];
    /** What the providers need to reach their services. */
    environment?: Record<string, string>;
    /** Makes the resource. */
    first: automation.PulumiFn;
    /** Changes it in place; absent when nothing of it can change. */
    updated?: automation.PulumiFn;
    /** Changes what only a new one can have. */
    replaced: automation.PulumiFn;
    /** Changes it so that the provider or the service refuses, and what must be said then. */
    broken: { program: automation.PulumiFn; message: RegExp };
    /** Looks at it behind the provider's back; absent when it lives in the state only. */
    outside?: {
        /** Everything that must not change in a preview, as text; the empty text when nothing exists. */
        look(): Promise<string>;
        /** Changes something the program says, or removes the resource. */
        meddle(): Promise<void>;
        /**
         * Whether `meddle` removes the resource.
         *
         * @default false
         */
        meddlingRemoves?: boolean;
    };
    /** Values that must not stand in the state as they are. */
    secrets?(outputs: Outputs): string[];
    /** Whatever else must be true of the outputs. */
    verify?(outputs: Outputs): void | Promise<void>;
}

/** Runs the whole scenario against the stand-in, and against the official plugins where they are installed. */
export function describeContract(subject: Subject): Promise<void> {
    return describeSteps(subject, scenario(subject));
}

/** Runs the beginning and the end of the scenario only: for the siblings of a type that went through all of it. */
export function describeMaking(subject: Made): Promise<void> {
    return describeSteps(subject, [...makingSteps(subject), ...endingSteps(subject)]);
}

async function describeSteps(subject: Made, steps: Step[]): Promise<void> {
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

type Step = [title: string, run: (opened: ProviderStack) => Promise<void>];

/** What the beginning and the end of the scenario need. */
type Made = Omit<Subject, "replaced" | "broken" | "updated">;

function makingSteps(subject: Made): Step[] {
    return [
        ["makes nothing in a preview", (opened) => previewOnly(subject, opened, subject.first)],
        ["makes it", (opened) => expectOperations(subject, opened, subject.first, ["create"])],
        ["gives its outputs", (opened) => verifyOutputs(subject, opened)],
        ["keeps its secrets out of the state", (opened) => expectSecrets(subject, opened)],
        ["leaves it alone", (opened) => expectOperations(subject, opened, subject.first, ["same"])],
        ["sees no drift where there is none", (opened) => expectNoDrift(subject, opened)],
    ];
}

function endingSteps(subject: Made): Step[] {
    return [["takes it away", (opened) => expectDestruction(subject, opened)]];
}

/** The steps in order: each starts from what the one before left. */
function scenario(subject: Subject): Step[] {
    return [
        ...makingSteps(subject),
        ...updateSteps(subject),
        [
            "replaces nothing in a preview",
            (opened) => previewOnly(subject, opened, subject.replaced),
        ],
        ["replaces it", (opened) => expectReplacement(subject, opened)],
        ["keeps it when a change fails", (opened) => expectFailure(subject, opened)],
        ...driftSteps(subject),
        ...endingSteps(subject),
    ];
}

function updateSteps(subject: Subject): Step[] {
    const { updated } = subject;
    if (updated === undefined) return [];
    return [
        ["updates nothing in a preview", (opened) => previewOnly(subject, opened, updated)],
        ["updates it in place", (opened) => expectOperations(subject, opened, updated, ["update"])],
        ["sees no drift after an update", (opened) => expectNoDrift(subject, opened)],
    ];
}

function driftSteps(subject: Subject): Step[] {
    const { outside } = subject;
    if (outside === undefined) return [];
    return [
        [
            "finds and repairs what was changed outside",
            async (opened) => {
                opened.use(subject.replaced);
                const right = await outside.look();
                await outside.meddle();
                assert.notEqual(await outside.look(), right, "meddling changed nothing");
                const removed = outside.meddlingRemoves === true;
                const [found, repaired] = removed ? ["delete", "create"] : ["update", "update"];
                assert.deepEqual(await refresh(opened, subject.type), [found]);
                await expectOperations(subject, opened, subject.replaced, [repaired]);
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

async function expectReplacement(subject: Subject, opened: ProviderStack): Promise<void> {
    opened.use(subject.replaced);
    const operations = await up(opened, subject.type);
    assert.ok(operations.includes("replace"), `operations were ${operations.join(", ")}`);
    await expectOperations(subject, opened, subject.replaced, ["same"]);
}

async function expectFailure(subject: Subject, opened: ProviderStack): Promise<void> {
    const idOf = (state: string) => resourceIn(state, subject.type)?.id;
    const before = idOf(await opened.readState());
    assert.ok(before !== undefined, "the resource is not in the state");
    opened.use(subject.broken.program);
    await assert.rejects(opened.stack.up(), subject.broken.message);
    assert.ok(idOf(await opened.readState()) !== undefined, "the resource was lost");
    opened.use(subject.replaced);
    await opened.stack.up();
    await expectOperations(subject, opened, subject.replaced, ["same"]);
}

async function expectDestruction(subject: Made, opened: ProviderStack): Promise<void> {
    await opened.stack.destroy();
    assert.equal(resourceIn(await opened.readState(), subject.type), undefined);
    assert.equal((await subject.outside?.look()) ?? "", "");
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

/** What an update did to the resources of a type, in order. */
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
