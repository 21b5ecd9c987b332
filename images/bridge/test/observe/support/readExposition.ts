import assert from "node:assert/strict";

/** A sample of a metric. */
export interface Sample {
    name: string;
    labels: Record<string, string>;
    value: number;
}

const sampleForm =
    /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (-?[0-9.]+(?:e[+-]?[0-9]+)?|[+-]Inf|NaN)$/s;
const labelForm = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;

/**
 * Reads Prometheus' text format 0.0.4, and fails on what breaks its rules: a sample before its type, a metric twice, a
 * series twice, a histogram whose buckets shrink or do not add up.
 */
export function readExposition(text: string): Sample[] {
    assert.ok(text.endsWith("\n"), "the last line ends with a line feed");
    const types = new Map<string, string>();
    const series = new Set<string>();
    const samples: Sample[] = [];
    for (const line of text.split("\n").filter((line) => line !== "")) {
        const type = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line);
        if (type !== null) {
            assert.ok(!types.has(type[1] ?? ""), `one type: ${line}`);
            types.set(type[1] ?? "", type[2] ?? "");
        } else if (line.startsWith("#")) {
            assert.match(line, /^# HELP \S+ \S/);
        } else {
            assert.ok(!series.has(line.slice(0, line.lastIndexOf(" "))), `one series: ${line}`);
            series.add(line.slice(0, line.lastIndexOf(" ")));
            samples.push(readSample(line, types));
        }
    }
    for (const [name] of [...types].filter(([, type]) => type === "histogram")) {
        checkHistogram(name, samples);
    }
    return samples;
}

function readSample(line: string, types: Map<string, string>): Sample {
    const [, name = "", labelText = "", value] = sampleForm.exec(line) ?? assert.fail(line);
    const base = name.replace(/_(bucket|sum|count)$/, "");
    assert.ok(types.has(name) || types.get(base) === "histogram", `typed before: ${line}`);
    const labels: Record<string, string> = {};
    labelForm.lastIndex = 0;
    let end = 0;
    for (let label; (label = labelForm.exec(labelText)) !== null; end = labelForm.lastIndex) {
        assert.ok(!((label[1] ?? "") in labels), `one label of a name: ${line}`);
        labels[label[1] ?? ""] = (label[2] ?? "").replace(/\\(.)/g, (_, escaped: string) =>
            escaped === "n" ? "\n" : escaped,
        );
        labelForm.lastIndex = labelForm.lastIndex || labelText.length;
    }
    assert.equal(end, labelText.length, `only labels between the braces: ${line}`);
    return { name, labels, value: Number(value) };
}

function checkHistogram(name: string, samples: Sample[]): void {
    const groups = new Map<string, Sample[]>();
    for (const sample of samples.filter((each) => each.name === `${name}_bucket`)) {
        const key = keyOf(sample);
        groups.set(key, [...(groups.get(key) ?? []), sample]);
    }
    for (const [key, buckets] of groups) {
        const values = buckets.map(({ value }) => value);
        assert.deepEqual(
            values,
            [...values].sort((a, b) => a - b),
            `${name}${key} grows`,
        );
        assert.equal(buckets.at(-1)?.labels.le, "+Inf");
        const count = samples.find((each) => each.name === `${name}_count` && keyOf(each) === key);
        assert.equal(buckets.at(-1)?.value, count?.value);
    }
}

function keyOf({ labels }: Sample): string {
    const others = Object.entries(labels).filter(([label]) => label !== "le");
    return JSON.stringify(others.sort());
}
