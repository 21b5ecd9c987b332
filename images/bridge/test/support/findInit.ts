import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const program = "usr/bin/tini-static";

/** The image's init, from the Debian package that the image takes it from; downloaded, not installed, where it is missing. */
export function findInit(): string {
    if (existsSync(`/${program}`)) {
        return `/${program}`;
    }
    const cwd = mkdtempSync(join(tmpdir(), "slipway-init-"));
    const run = (command: string, ...args: string[]) =>
        execFileSync(command, args, { cwd, stdio: "pipe" });
    try {
        run("apt-get", "download", "tini");
    } catch {
        // Nobody asked yet what there is.
        run("apt-get", "update");
        run("apt-get", "download", "tini");
    }
    const [archive = ""] = readdirSync(cwd).filter((name) => name.endsWith(".deb"));
    run("dpkg-deb", "--extract", archive, ".");
    return join(cwd, program);
}
