/** `npm run docs`: writes `docs/configuration.md` and the keys of `Pulumi.yaml` from the schemas. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

import { renderProjectFile, renderReference } from "./reference.ts";

if (process.argv.includes("--help")) {
    console.log("usage: npm run docs\nwrites docs/configuration.md and the keys of Pulumi.yaml");
    process.exit(0);
}
mkdirSync("docs", { recursive: true });
writeFileSync("docs/configuration.md", renderReference());
writeFileSync("Pulumi.yaml", renderProjectFile(readFileSync("Pulumi.yaml", "utf8")));
