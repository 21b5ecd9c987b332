import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { paths } from "../../local/paths.ts";

const here = fileURLToPath(new URL(".", import.meta.url));

/** The repository. */
export const repository = fileURLToPath(new URL("../..", import.meta.url));
/** The stdio server behind every bridge. */
export const echoServer = join(here, "servers/echo.mjs");
/** The HTTP server that is the floor. */
export const bareServer = join(here, "servers/bare.mjs");
/** The load generator's program. */
export const loadProgram = join(here, "loadProgram.ts");
/** Where the other bridges are installed: outside the repository, kept between runs. */
export const peerDirectory = join(paths.cache, "bench");
/** The committed result, and its picture. */
export const resultFile = join(here, "../results/bridge.json");
export const pictureFile = join(here, "../results/bridge.svg");
/** What the last soak came to. */
export const soakFile = join(here, "../results/bridge-soak.json");
