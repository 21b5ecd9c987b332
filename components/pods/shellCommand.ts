/**
 * The command of a container that runs a shell script. Kubernetes turns `$$` in commands into `$`, and `$(NAME)` into a
 * variable of the container, so every `$` is doubled.
 */
export function buildShellCommand(script: string): string[] {
    return ["/bin/sh", "-c", script.replaceAll("$", "$$$$")];
}
