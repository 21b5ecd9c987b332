import type { Route } from "../route.ts";

/**
 * A regular expression for paths of a route and everything below them, from the start of the path to its end. The only
 * group is what follows the slash after the prefix. Paths with an end of line below them match nothing.
 */
export function buildPathPattern({ prefix }: Route, paths: string[]): string {
    const escaped = paths.map((path) => escapeDots(path.slice(1)));
    return `${escapeDots(prefix)}/((?:${escaped.join("|")})(?:/.*)?)$`;
}

/** The path that the server gets: what the group matched, with the prefix if the server wants it. */
export function buildTarget({ prefix, stripPrefix }: Route): string {
    return stripPrefix ? "/$1" : `${prefix}/$1`;
}

function escapeDots(text: string): string {
    return text.replaceAll(".", "[.]");
}
