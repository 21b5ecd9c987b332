import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { parse } from "yaml";

/** A revision the suite has a frozen list of scenarios for. */
export type Revision = "2025-11-25" | "2026-07-28";

const { resolve } = createRequire(import.meta.url);

/** The suite's program; the package exports nothing to import. */
export const suiteProgram = resolve("@modelcontextprotocol/conformance/dist/index.js");

/** The scenarios a server has to pass at a revision, by the suite's own list. */
export function requiredScenarios(revision: Revision): string[] {
    const file = resolve(`@modelcontextprotocol/conformance/requirements/${revision}.yaml`);
    return (parse(readFileSync(file, "utf8")) as { server: string[] }).server;
}
