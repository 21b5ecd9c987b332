/**
 * Ends the daemon of a supervisor that was killed: it lives on without supervision and holds the ports and locks that
 * the next one needs. The file `process` identifies it by process id and start time.
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
 * @param revision text included in the script, so that the daemon is restarted when it changes
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

/** Quotes a word for the shell. */
export function quote(word: string): string {
    return `'${word.replaceAll("'", `'\\''`)}'`;
}
