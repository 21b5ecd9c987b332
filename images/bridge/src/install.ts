import { chmodSync, cpSync, existsSync, rmSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";

/** What a server's container needs of this directory: the runtime, the libraries it brings, and the programs. */
const parts = ["bin", "lib", "licenses", "bridge.cjs", "connect.cjs", "libraries", "rest"];
/** Makes the programs such that their user may execute and not read them, so that the kernel lets nobody else of this user look into them. */
const executeOnly = "--execute-only";

const source = dirname(process.argv[1] ?? "");
const [target, option, ...more] = process.argv.slice(2);
const isGood = target !== undefined && isAbsolute(target) && target !== source;
if (!isGood || (option !== undefined && option !== executeOnly) || more.length > 0) {
    process.stderr.write(
        `slipway-install: must be given another directory by its absolute path, got '${process.argv.slice(2).join(" ")}'; usage: install.cjs DIRECTORY [${executeOnly}]\n`,
    );
    process.exitCode = 2;
} else {
    for (const part of parts.filter((part) => existsSync(join(source, part)))) {
        // A pod that is started anew has its volume still, with programs that nobody may write.
        rmSync(join(target, part), { recursive: true, force: true });
        cpSync(join(source, part), join(target, part), { recursive: true });
    }
    if (option === executeOnly) {
        const programs = ["init", "node"].map((program) => join(target, "bin", program));
        programs.filter((file) => existsSync(file)).forEach((file) => chmodSync(file, 0o111));
    }
}
