import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Where programs are looked for without a PATH, as the C library does. */
const usualPath = "/bin:/usr/bin";

/** Finds out why a command could not be started. @returns undefined when its program is there */
export function findProgramProblem(
    [program = ""]: readonly string[],
    { PATH = usualPath }: NodeJS.ProcessEnv,
): string | undefined {
    if (program.includes("/")) {
        return isProgram(program)
            ? undefined
            : `command: must be a program that may be executed, got '${program}'`;
    }
    return PATH.split(delimiter).some((directory) => isProgram(join(directory, program)))
        ? undefined
        : `command: must be a program on the PATH, got '${program}'; PATH is '${PATH}'`;
}

function isProgram(file: string): boolean {
    try {
        accessSync(file, constants.X_OK);
        return statSync(file).isFile();
    } catch {
        return false;
    }
}
