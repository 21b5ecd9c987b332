import type { BareMachine } from "./bareMachine.ts";

/** Kills every supervised daemon of the platform, and Keycloak's process. Returns the number of processes. */
export async function killDaemons(machine: BareMachine): Promise<number> {
    return Number(await machine.run("sh", "-c", script));
}

const script = `
    set --
    for supervisor in $(pgrep -x s6-supervise); do
        tr '\\0' ' ' <"/proc/$supervisor/cmdline" | grep -q '/log $' && continue
        set -- "$@" $(pgrep -P "$supervisor")
    done
    set -- "$@" $(pgrep -f [q]uarkus-run)
    kill -KILL "$@"
    echo $#
`;
