/**
 * Ends what is left of the service when its supervisor itself was killed: the daemon then lives on unwatched and holds
 * the ports and locks that the next one needs. The file `process` names it by id and start time.
 */
const endOrphan = `if read -r pid started 2>/dev/null <process; then
    while [ "$(cut -d ' ' -f 22 "/proc/$pid/stat" 2>/dev/null)" = "$started" ]; do
        kill -KILL "$pid"
        sleep 0.1
    done
fi
echo "$$ $(cut -d ' ' -f 22 "/proc/$$/stat")" >process`;

/**
 * Renders the script that a supervisor runs in a service's directory.
 *
 * @param revision text whose change makes this another script, so that the daemon is restarted
 */
export function renderRunScript(
    command: string[],
    environment: Record<string, string> = {},
    revision = "",
): string {
    const exports = Object.entries(environment).map(
        ([name, value]) => `export ${name}=${quote(value)}`,
    );
    return [
        "#!/bin/sh",
        `# revision ${revision}`,
        "exec 2>&1",
        endOrphan,
        "cd /",
        ...exports,
        `exec ${command.map(quote).join(" ")}`,
        "",
    ].join("\n");
}

/** Makes a word that a shell leaves as it is. */
export function quote(word: string): string {
    return `'${word.replaceAll("'", `'\\''`)}'`;
}
