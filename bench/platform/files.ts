import { join } from "node:path";

const here = import.meta.dirname;

/** The committed result. */
export const resultFile = join(here, "../results/platform.json");
/** Previews one stack in a process of its own. */
export const previewProgram = join(here, "previewProgram.ts");
/** Calls a server on two ways in turn. */
export const callProgram = join(here, "callProgram.ts");
