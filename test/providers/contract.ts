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
    /**
     * Change it in place, one after the other.
     *
     * @default [] (nothing of it can change)
     */
    updates?: automation.PulumiFn[];
    /** Changes what only a new one can have; absent when every change is made in place. */
    replaced?: automation.PulumiFn;
    /** Changes it so that the provider or the service refuses, and what must be said then. */
    broken: Refused;
    /** Further programs that are refused, by what is wrong with them. */
    refused?: Record<string, Refused>;
    /** Looks at it behind the provider's back; absent when it lives in the state only. */
    outside?: {
        /** Everything that must not change in a preview, as text; the empty text when nothing exists. */
        look(): Promise<string>;
        /** Changes something the program says. */
        meddle(): Promise<void>;
        /**
         * Whether the provider only writes: a refresh finds nothing, and what was made outlives the resource.
         *
         * @default false
         */
        writesOnly?: boolean;
    };
    /** Values that must not stand in the state as they are. */
    secrets?(outputs: Outputs): string[];
    /** Whatever else must be true of the outputs. */
    verify?(outputs: Outputs): void | Promise<void>;
}

/** A program that is refused, and what must be said then. */
interface Refused {
    program: automation.PulumiFn;
    message: RegExp;
}

/** Runs the whole scenario against the stand-in, and against the official plugins where they are installed. */
export function describeContract(subject: Subject): Promise<void> {
    return describeSteps(subject, scenario(subject));
}

/** Runs the beginning and the end of the scenario only: for the siblings of a type that went through all of it. */
export function describeMaking(subject: Made): Promise<void> {
    return describeSteps(subject, [...makingSteps(subject), ...endingSteps(subject)]);
}

/** Runs steps of one's own against the stand-in, and against the official plugins where they are installed. */
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

/** One test of a scenario: it starts from what the one before left. */
export type Step = [title: string, run: (opened: ProviderStack) => Promise<void>];

/** What the beginning and the end of the scenario need. */
type Made = Omit<Subject, "replaced" | "broken" | "refused" | "updates">;

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
    return subject.outside?.writesOnly === true
        ? [["takes it out of the state alone", (opened) => expectDestruction(subject, opened)]]
        : [["takes it away", (opened) => expectDestruction(subject, opened)]];
}

function scenario(subject: Subject): Step[] {
    return [
        ...makingSteps(subject),
        ...(subject.updates ?? []).flatMap((updated, index) =>
            updateSteps(subject, updated, index === 0 ? "" : ` (${index + 1})`),
        ),
        ...replacementSteps(subject),
        ["keeps it when a change fails", (opened) => expectFailure(subject, opened)],
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
        [`sees no drift after an update${which}`, (opened) => expectNoDrift(subject, opened)],
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

/** The program of the last change that was made. */
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
                "does not look at what was changed outside",
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
            "finds and repairs what was changed outside",
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
