import assert from "node:assert/strict";

import {
    describeInstall,
    findMissing,
    requirements,
    systemPath,
} from "../../local/cluster/debianPackages.ts";
import { findPluginDirectory, networkPlugins } from "../../local/cluster/networkPlugins.ts";

const requirement = (name: string, isThere: boolean) => ({
    what: `program ${name}`,
    packages: [name],
    isThere: () => Promise.resolve(isThere),
});

describe("Debian packages", () => {
    it("are missing when their programs are not found", async () => {
        const all = [requirement("runc", true), requirement("socat", false)];
        assert.deepEqual(
            (await findMissing(all)).map(({ what }) => what),
            ["program socat"],
        );
    });

    it("are listed with their purpose in the command to run, which removes no package", () => {
        assert.equal(
            describeInstall([requirement("s6", false), requirement("socat", false)]),
            "as root, run 'apt-get update && apt-get install --no-install-recommends --no-remove s6 socat' " +
                "for program s6; program socat",
        );
    });

    it("provide every program that daemons and steps start", () => {
        const named = requirements.flatMap(({ what }) => what.split(/[ ,]+/));
        for (const program of ["etcd", "containerd", "dockerd", "docker", "iptables", "java"]) {
            assert.ok(named.includes(program), program);
        }
        assert.ok(systemPath.includes("/usr/sbin"));
    });
});

describe("findPluginDirectory", () => {
    const directory = "/usr/lib/cni";

    it("finds a directory that has every plugin", () => {
        const files = networkPlugins.map((plugin) => `${directory}/${plugin}`);
        assert.equal(
            findPluginDirectory((path) => files.includes(path)),
            directory,
        );
    });

    for (const missing of networkPlugins) {
        it(`finds no directory without '${missing}', even if the PATH has programs of that name`, () => {
            const files = networkPlugins
                .filter((plugin) => plugin !== missing)
                .map((plugin) => `${directory}/${plugin}`);
            files.push(`/usr/sbin/${missing}`, `/opt/cni/bin/${missing}`);
            assert.equal(
                findPluginDirectory((path) => files.includes(path)),
                undefined,
            );
        });
    }
});
