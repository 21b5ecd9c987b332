import type { ArgProblem } from "../../problems/argProblem.ts";
import { findChoiceProblems } from "../../problems/values.ts";
import type { PackageArgs } from "../args.ts";

/** A package that is a server, as its registry names it. */
export interface NamedPackage {
    registry: "npm" | "pypi";
    /** Name without version and extras: `@acme/weather-mcp`. */
    name: string;
    /** Extras of a Python package, with brackets: `[postgres]`; otherwise empty. */
    extras: string;
    version: string;
}

const registries = {
    npm: {
        title: "npm",
        pattern:
            /^(?<name>(@[a-z0-9][a-z0-9._~-]*\/)?[a-z0-9][a-z0-9._~-]*)(?<extras>)@(?<version>\d+\.\d+\.\d+[0-9A-Za-z.+-]*)$/,
        example: "@acme/weather-mcp@1.4.0",
        requirement: /^(@[a-z0-9][a-z0-9._~-]*\/)?[a-z0-9][a-z0-9._~-]*@[^\s:/]+$/,
        requirementExample: "zod@^4.1.0",
    },
    pypi: {
        title: "PyPI",
        pattern:
            /^(?<name>[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)(?<extras>(\[[A-Za-z0-9._,-]+\])?)@(?<version>\d[0-9A-Za-z.!+-]*)$/,
        example: "weather-mcp@1.4.0",
        requirement:
            /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?(\[[A-Za-z0-9._,-]+\])?\s*([<>=!~][^;@\s]*)?$/,
        requirementExample: "mcp<2",
    },
} as const;

/** Refuses a package without an exact version, and requirements that its registry cannot resolve. */
export function findPackageProblems(path: string, source: PackageArgs): ArgProblem[] {
    const choice = findChoiceProblems(path, source, ["npm", "pypi"]);
    if (choice.length > 0) return choice;
    const registry = source.npm === undefined ? "pypi" : "npm";
    const { title, pattern, example, requirement, requirementExample } = registries[registry];
    const given = source[registry] ?? "";
    const problems: ArgProblem[] = pattern.test(given)
        ? []
        : [
              {
                  path: `${path}.${registry}`,
                  reason: `must be a package of ${title} with its exact version, such as '${example}', got '${given}'`,
              },
          ];
    const further = (source.with ?? []).flatMap((one, index) =>
        requirement.test(one)
            ? []
            : [
                  {
                      path: `${path}.with[${index}]`,
                      reason: `must be a package of ${title} and its versions, such as '${requirementExample}', got '${one}'`,
                  },
              ],
    );
    return [...problems, ...further];
}

/** Reads the package of a source that `findPackageProblems` accepts. */
export function readPackage(source: PackageArgs): NamedPackage {
    const registry = source.npm === undefined ? "pypi" : "npm";
    const { name, extras, version } =
        registries[registry].pattern.exec(source[registry] ?? "")?.groups ?? {};
    if (name === undefined || version === undefined) {
        throw new Error(`package: must have an exact version, got '${source[registry]}'`);
    }
    return { registry, name, extras: extras ?? "", version };
}

/** Name of a package's image and of the directory with its lock, independent of the version: `npm-acme-weather-mcp`. */
export function namePackage(source: PackageArgs): string {
    const { registry, name } = readPackage(source);
    const text = name.toLowerCase().replace(/[^a-z0-9]+/g, "-");
    return `${registry}-${text.replace(/^-|-$/g, "")}`;
}
