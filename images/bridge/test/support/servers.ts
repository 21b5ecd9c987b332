import { fileURLToPath } from "node:url";

const find = (name: string): string =>
    fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

/** Starts the server of 2025-11-25 that remembers. */
export const remembering = [process.execPath, find("rememberingServer.mjs")];
/** Starts the server that speaks 2026-07-28 and nothing before. */
export const modernOnly = [process.execPath, find("modernServer.mjs")];
