import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { chromium } from "playwright-core";
import type { Browser } from "playwright-core";

import { ensureDebianPackages, programs } from "../../local/cluster/debianPackages.ts";

const run = promisify(execFile);

const requirements = [
    programs("chromium", "chromium"),
    // Chromium has no other way to trust an authority besides those of the Web.
    programs("libnss3-tools", "certutil"),
];

/** A browser without a window. */
export interface OpenBrowser {
    browser: Browser;
    close: () => Promise<void>;
}

/**
 * Starts Debian's Chromium, and installs it where it is missing. It has a home of its own, in which it trusts the
 * certificates of `authorities` (PEM) besides those of the Web.
 */
export async function openBrowser(authorities: string): Promise<OpenBrowser> {
    await ensureDebianPackages(requirements);
    const home = await mkdtemp(join(tmpdir(), "browser-"));
    const store = join(home, ".pki/nssdb");
    const database = ["-d", `sql:${store}`];
    await mkdir(store, { recursive: true });
    await run("certutil", [...database, "-N", "--empty-password"]);
    const certificates = authorities.match(/-----BEGIN[^]+?-----END CERTIFICATE-----/g) ?? [];
    for (const [index, certificate] of certificates.entries()) {
        const file = join(home, `${index}.pem`);
        await writeFile(file, certificate);
        await run("certutil", [...database, "-A", "-n", file, "-t", "C,,", "-i", file]);
    }
    const browser = await chromium.launch({
        executablePath: "/usr/bin/chromium",
        env: { ...process.env, HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home },
    });
    const close = async () => {
        await browser.close();
        await rm(home, { recursive: true, force: true });
    };
    return { browser, close };
}
