import { statfsSync } from "node:fs";

import { paths } from "./paths.ts";

/** Space that etcd and image builds need at least, in bytes: etcd allocates its log in files of 64 MiB. */
const neededBytes = 128 << 20;

function damagedPlatform(what: string): string {
    return (
        `the data of ${what} are damaged: put back a copy of '${paths.platform}', or remove the platform with all that ` +
        "is in it ('npm run down -- --platform') and bring it up anew"
    );
}

/** Repairs of known failures, matched by error text in any step. */
const repairs: readonly [words: RegExp, repair: string][] = [
    [
        /no space left on device|ENOSPC|disk quota exceeded/i,
        `free space on the disks of '${paths.state}' and '${paths.cache}'`,
    ],
    [
        /ended with SIGKILL|signal: killed/,
        "something killed the program: free memory ('dmesg' tells when it was short)",
    ],
    // etcd's own messages depend on what is damaged, and may be a mere stack trace.
    [/^(.* )?etcd ended \d+ times at its start/m, damagedPlatform("etcd")],
    [/registry: image '.*' is damaged/, damagedPlatform("the registry")],
    [
        /not yet valid|CERT_NOT_YET_VALID|certificate has expired|CERT_HAS_EXPIRED/i,
        "set this machine's clock ('date' shows it), which certificates are checked against",
    ],
    [/npm (error|ERR!) /, "let npm reach its registry: 'npm config get registry', 'npm ping'"],
    [
        /No matching distribution found|Could not fetch URL|pip.*(connection|proxy) error/i,
        "let pip reach its index: 'pip config list', PIP_INDEX_URL",
    ],
    [
        /Could not transfer artifact|Could not find artifact/,
        "let Maven reach its repository: the mirrors of '~/.m2/settings.xml'",
    ],
    [
        /Failed to fetch|Unable to fetch some archives|Temporary failure resolving/,
        "let apt reach its mirror: '/etc/apt/sources.list.d', 'apt-get update'",
    ],
    [
        /(dial tcp|reading|Get) .*\/@v\/|proxyconnect tcp|GOPROXY list is not the empty/,
        "let Go reach its module proxy: 'go env GOPROXY'",
    ],
    [
        /SECURITY ERROR|checksum mismatch|verifying .*: checksum|EINTEGRITY/,
        "the registry or a proxy before it served another file: name one that serves the original",
    ],
];

/** The repair of the first known failure that matches a text; undefined when none does. */
export function findRepair(text: string): string | undefined {
    return repairs.find(([words]) => words.test(text))?.[1];
}

/** The disks of state and builds that are full: the program that ran out of space may have said so in another log only. */
export function findFullDisks(directories: string[] = [paths.state, paths.cache]): string[] {
    return directories.flatMap((directory) => {
        try {
            const { bavail, bsize } = statfsSync(directory);
            if (bavail * bsize >= neededBytes) return [];
            const left = Math.floor((bavail * bsize) / 2 ** 20);
            return [`disk of '${directory}': ${left} MiB are left: no space left on device`];
        } catch {
            // It does not exist yet.
            return [];
        }
    });
}
