import type { BenchResult } from "./result.ts";

const width = 860;
const labelWidth = 260;
const barHeight = 20;
const rowHeight = 28;
const panelHead = 46;

/** What readers know a bridge as. */
const titles: Record<string, (version: string) => string> = {
    slipway: () => "Slipway (TypeScript)",
    bare: () => "node:http alone, no server behind it",
    native: (version) => `mcp-proxy ${version} (Rust)`,
    supergateway: (version) => `supergateway ${version}, stateful`,
    "supergateway-stateless": (version) => `supergateway ${version}, stateless`,
    "mcp-proxy-npm": (version) => `mcp-proxy ${version} (TypeScript)`,
    "mcp-proxy-pypi": (version) => `mcp-proxy ${version} (Python)`,
};

interface Entry {
    title: string;
    own: boolean;
    value: number;
}

/** Draws CPU per call and calls a second with 16 connections, by bridge, as SVG. */
export function drawPicture({ rows, versions, machine, date }: BenchResult): string {
    const read = (figure: string): Entry[] =>
        rows.flatMap(({ name, cell, [figure]: value }) => {
            const title = titles[name]?.(versions[name] ?? "");
            if (cell !== "legacy-16" || title === undefined || typeof value !== "number") return [];
            return [{ title, own: name === "slipway", value }];
        });
    const cpu = read("cpuMsPerCall").sort((a, b) => a.value - b.value);
    const rps = read("rps").sort((a, b) => b.value - a.value);
    const second = panelHead + cpu.length * rowHeight;
    const foot = second + panelHead + rps.length * rowHeight;
    const height = foot + 34;
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="CPU per call and calls a second of stdio to HTTP bridges">
<rect width="${width}" height="${height}" fill="#fff"/>
${drawPanel(0, "CPU of the bridge per call, ms (less is better)", cpu, (value) => value.toPrecision(2))}
${drawPanel(second, "Calls a second on one core, server included (more is better)", rps, (value) => value.toFixed(0))}
<text x="16" y="${foot + 20}" fill="#57606a" font-size="11">16 connections, the same stdio echo server behind each, medians; ${escape(machine.cpu)}, Node ${versions.node ?? ""}, ${date}</text>
</svg>
`;
}

/** Bars from longest to shortest need; a value that would dwarf the others is cut and marked. */
function drawPanel(
    top: number,
    title: string,
    entries: Entry[],
    show: (value: number) => string,
): string {
    const room = width - labelWidth - 100;
    const sorted = entries.map(({ value }) => value).sort((a, b) => b - a);
    const [largest = 1, next = largest] = sorted;
    const scale = largest > 3 * next ? next * 1.15 : largest;
    const lines = entries.map(({ title: label, own, value }, index) => {
        const y = top + panelHead + index * rowHeight;
        const length = Math.max(1, (Math.min(value, scale) / scale) * room);
        const middle = y + barHeight / 2 + 4.5;
        const cut = value > scale ? " ⋯" : "";
        return `<text x="${labelWidth}" y="${middle}" text-anchor="end" fill="#24292f"${own ? ' font-weight="700"' : ""}>${escape(label)}</text>
<rect x="${labelWidth + 10}" y="${y}" width="${length.toFixed(1)}" height="${barHeight}" rx="2" fill="${own ? "#0969da" : "#afb8c1"}"/>
<text x="${(labelWidth + 16 + length).toFixed(1)}" y="${middle}" fill="#24292f">${show(value)}${cut}</text>`;
    });
    return `<text x="16" y="${top + 30}" font-size="15" font-weight="600" fill="#24292f">${escape(title)}</text>
${lines.join("\n")}`;
}

function escape(text: string): string {
    return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
