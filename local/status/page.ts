import type { ServerRow } from "./serverRows.ts";

const columns: Record<string, (row: ServerRow) => string> = {
    SERVER: ({ server }) => server,
    READY: ({ ready, wanted }) => `${ready}/${wanted}`,
    "IN FLIGHT": ({ inFlight }) => (inFlight === undefined ? "–" : String(inFlight)),
    RESTARTS: ({ restarts }) => String(restarts),
    PROBE: ({ probe }) => probe,
};

/** The states of servers as a table, one line per server. */
export function renderPage(rows: ServerRow[]): string {
    const lines = [
        Object.keys(columns),
        ...rows.map((row) => Object.values(columns).map((read) => read(row))),
    ];
    const widths = Object.keys(columns).map((_, at) =>
        Math.max(...lines.map((line) => line[at]!.length)),
    );
    return lines
        .map((line) =>
            line
                .map((cell, at) => cell.padEnd(widths[at]!))
                .join("  ")
                .trimEnd(),
        )
        .join("\n");
}
