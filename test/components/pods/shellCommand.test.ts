import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";

import { buildShellCommand } from "../../../components/pods/shellCommand.ts";

/** What Kubernetes makes of a container's command before it starts it. */
function expand(text: string, variables: Record<string, string>): string {
    return text.replaceAll(/\$\$|\$\(([^)]*)\)/g, (found, name: string | undefined) => {
        if (found === "$$") return "$";
        return variables[name ?? ""] ?? found;
    });
}

describe("a shell command", () => {
    it("reaches the container as it was written", () => {
        const script = 'kill -0 $$ && echo "$HOME $(HOSTNAME) $((1 + 2)) $1 ${HOME#/}$"';
        const [shell, option, text = ""] = buildShellCommand(script);
        assert.deepEqual([shell, option], ["/bin/sh", "-c"]);
        assert.equal(expand(text, { HOSTNAME: "pod-1" }), script);
    });

    it("has its own process id, which Kubernetes would take from an unescaped one", () => {
        const run = (text: string) => spawnSync("/bin/sh", ["-c", expand(text, {})]);
        const [, , text = ""] = buildShellCommand("kill -0 $$");
        assert.equal(run(text).status, 0);
        assert.notEqual(run("kill -0 $$").status, 0);
    });
});
