import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import assert from "node:assert/strict";

import { renderMarkdown, renderText } from "../../../local/preview/render.ts";
import { compareSteps, type PreviewStep, readStep } from "../../../local/preview/steps.ts";

const urn = (name: string) => `urn:pulumi:dev::slipway::kubernetes:core/v1:Service::${name}`;

function step(name: string, op: string, more: Partial<PreviewStep> = {}): PreviewStep {
    const type = "kubernetes:core/v1:Service";
    return { urn: urn(name), op, type, name, changed: [], inputs: "", ...more };
}

function eventOf(op: string, more: object = {}): EngineEvent {
    const metadata = { op, urn: urn("weather"), type: "kubernetes:core/v1:Service", ...more };
    return { resourcePreEvent: { metadata } } as EngineEvent;
}

describe("the steps of a preview", () => {
    for (const op of ["same", "read", "create-replacement", "delete-replaced"]) {
        it(`leave out '${op}'`, () => assert.equal(readStep(eventOf(op)), undefined));
    }

    it("have the paths that differ", () => {
        const diff = { detailedDiff: { "spec.ports": {}, "metadata.labels": {} } };
        const { op, name, changed } = readStep(eventOf("update", diff))!;
        assert.deepEqual(
            [op, name, changed],
            ["update", "weather", ["metadata.labels", "spec.ports"]],
        );
    });

    it("differ when the same resource would be created in another way", () => {
        const [one, other] = [{ port: 1 }, { port: 2 }].map((inputs) =>
            readStep(eventOf("create", { new: { inputs } }))!,
        );
        assert.equal(compareSteps([one!], [other!]).length, 1);
        assert.equal(compareSteps([one!], [one!]).length, 0);
    });

    it("do not differ by the random ends of names that every preview draws anew", () => {
        const [one, other] = ["weather-0a1b2c3d", "weather-4e5f6a7b"].map((name) =>
            readStep(eventOf("replace", { new: { inputs: { name } } }))!,
        );
        assert.deepEqual(compareSteps([one!], [other!]), []);
    });
});

describe("what a branch changes", () => {
    const drift = step("drifted", "update");
    const cases = [
        { what: "nothing where both do the same", base: [drift], branch: [drift], ops: [] },
        {
            what: "a step of its own",
            base: [drift],
            branch: [drift, step("tides", "create")],
            ops: ["create"],
        },
        {
            what: "a step that only its base has",
            base: [step("tides", "create")],
            branch: [],
            ops: ["not create"],
        },
        {
            what: "the same resource in another way",
            base: [step("tides", "create")],
            branch: [step("tides", "create", { inputs: "other" })],
            ops: ["create"],
        },
    ];
    for (const { what, base, branch, ops } of cases) {
        it(`is ${what}`, () => {
            assert.deepEqual(
                compareSteps(base, branch).map(({ op }) => op),
                ops,
            );
        });
    }
});

describe("a comparison", () => {
    const steps = [step("tides", "create"), step("weather", "update", { changed: ["spec.ports"] })];

    it("is shown as text", () => {
        assert.deepEqual(renderText(steps, "stack 'dev'").split("\n"), [
            "stack 'dev': 1 to create, 1 to update",
            "  + kubernetes:core/v1:Service tides",
            "  ~ kubernetes:core/v1:Service weather [spec.ports]",
        ]);
        assert.equal(renderText([], "stack 'dev'"), "stack 'dev': no changes");
    });

    it("is shown as Markdown", () => {
        const text = renderMarkdown(steps, "stack 'dev'");
        assert.match(
            text,
            /^### stack 'dev'\n\n1 to create, 1 to update\n\n<details>.*\n\n\| \| type \|/,
        );
        assert.match(
            text,
            /\| update \| `kubernetes:core\/v1:Service` \| weather \| `spec\.ports` \|/,
        );
        assert.match(renderMarkdown([], "stack 'dev'"), /No changes\./);
    });
});
