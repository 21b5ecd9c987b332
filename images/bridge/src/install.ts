import { cpSync, existsSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";

/** What a server's container needs of this directory: the runtime, the libraries it brings, and the programs. */
const parts = ["bin", "lib", "licenses", "bridge.cjs", "connect.cjs", "libraries", "rest"];

const source = dirname(process.argv[1] ?? "");
const target = process.argv[2];
if (target === undefined || !isAbsolute(target) || target === source) {
    process.stderr.write(
        `slipway-install: must be given another directory by its absolute path, got '${target ?? ""}'; usage: install.cjs DIRECTORY\n`,
    );
    process.exitCode = 2;
} else {
    for (const part of parts.filter((part) => existsSync(join(source, part)))) {
        cpSync(join(source, part), join(target, part), { recursive: true });
    }
}
