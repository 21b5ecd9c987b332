import { chmodSync, cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";

/** Where the image keeps the runtime and its programs. */
const source = "/opt/slipway";
/** What a server's container needs: the runtime, the libraries it carries, and the bridge. */
const parts = ["bin", "lib", "bridge.cjs"];

const target = process.argv[2];
if (target === undefined) {
    process.stderr.write("usage: node install.cjs DIRECTORY\n");
    process.exitCode = 2;
} else {
    mkdirSync(target, { recursive: true });
    for (const part of parts) {
        cpSync(join(source, part), join(target, part), { recursive: true });
    }
    chmodSync(join(target, "bin", "node"), 0o755);
}
