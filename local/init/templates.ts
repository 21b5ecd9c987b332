import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { projectRoot } from "../stack.ts";

/** Languages of generated servers. */
export const languages = ["typescript", "python"] as const;
export type Language = (typeof languages)[number];

/** Transports of generated servers. */
export const transports = ["http", "stdio"] as const;
export type Transport = (typeof transports)[number];

/** Name of the server that the templates are. */
const templateName = /\bmy-server\b/g;

/**
 * The files of a new server, by path. A file of one transport alone has it in its name, such as `main.http.ts`, which
 * becomes `main.ts`. Python's lock is that of `add-numbers`, whose tests show that it works.
 */
export function fillTemplate(
    name: string,
    language: Language,
    transport: Transport,
): Record<string, string> {
    const directory = join(import.meta.dirname, "templates", language);
    const other = transports.find((one) => one !== transport)!;
    const files = readdirSync(directory, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !entry.name.includes(`.${other}.`))
        .map((entry) => join(entry.parentPath, entry.name))
        .filter((file) => !file.includes("__pycache__"))
        .map((file) => {
            const path = file.slice(directory.length + 1).replace(`.${transport}.`, ".");
            return [path, readFileSync(file, "utf8").replaceAll(templateName, name)] as const;
        });
    return { ...Object.fromEntries(files), ...(language === "python" ? readPythonLock() : {}) };
}

function readPythonLock(): Record<string, string> {
    const read = (file: string) =>
        readFileSync(join(projectRoot, "images/add-numbers", file), "utf8");
    return Object.fromEntries(
        ["requirements.in", "requirements.txt"].map((file) => [file, read(file)]),
    );
}
