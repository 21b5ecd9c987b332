import assert from "node:assert/strict";

import { describeInstall, findMissing } from "../../local/cluster/debianPackages.ts";

describe("Debian packages", () => {
    it("are missing when neither they nor their programs are there", async () => {
        const missing = await findMissing(
            // As on a machine with Docker's own packages.
            (program) => ["containerd", "dockerd", "runc"].includes(program),
            (name) => Promise.resolve(name !== "etcd-server" && name !== "docker.io"),
        );
        assert.deepEqual(missing, ["etcd-server"]);
    });

    it("are named in the command to run, which removes nothing", () => {
        assert.equal(
            describeInstall(["s6", "socat"]),
            "as root, run 'apt-get update && apt-get install --no-install-recommends --no-remove s6 socat'",
        );
    });
});
