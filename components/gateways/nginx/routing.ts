import { gatewayDefaults } from "../defaults.ts";
import { block, type Directive, directive } from "./directive.ts";
import type { ResolvedRoute } from "./settings.ts";

/**
 * Routes that differ in nothing but names and addresses. What a request needs follows from its class, so that a further
 * server costs an upstream and two entries of maps with exact keys, which NGINX finds by hash.
 */
export interface RouteClass {
    name: string;
    /** Segments of the prefix. */
    depth: number;
    /** One of the routes. */
    route: ResolvedRoute;
    servers: string[];
}

/** Groups routes into classes. */
export function classifyRoutes(routes: ResolvedRoute[]): RouteClass[] {
    const classes = new Map<string, RouteClass>();
    for (const route of routes) {
        const depth = countSegments(route.prefix);
        const { stripPrefix, publicPaths, openPaths, limits, cors } = route;
        const key = JSON.stringify([
            ...[depth, stripPrefix, publicPaths, openPaths, documentPath(route)],
            ...[Object.entries(limits).sort(), cors.origins],
        ]);
        const known = classes.get(key);
        if (known === undefined) {
            const name = `class-${classes.size + 1}`;
            classes.set(key, { name, depth, route, servers: [route.server] });
        } else {
            known.servers.push(route.server);
        }
    }
    return [...classes.values()];
}

const { concurrentCalls: defaultConcurrency } = gatewayDefaults;

/** Name of the limits of a route: those that agree share locations and zones. */
export function nameLimits({ limits }: ResolvedRoute): string {
    const { requestsPerSecond, burst, concurrentCalls, bodyMebibytes } = limits;
    return [requestsPerSecond, burst, concurrentCalls ?? defaultConcurrency, bodyMebibytes].join(
        "-",
    );
}

/** Locations to which requests are dispatched; clients cannot ask for them. */
export const places = {
    missing: "/_missing",
    document: "/_document",
    malformed: "/_error/400",
    token: (route: ResolvedRoute) => `/_token/${nameLimits(route)}`,
    call: "/_call/",
    open: (route: ResolvedRoute) => `/_open/${nameLimits(route)}`,
};

/**
 * Maps from host and path to server, location and forwarded path. Regular expressions only cut the path, a fixed number of
 * times; everything else is found by exact keys. All are evaluated before the first redirect changes `$uri`.
 */
export function buildRoutingMaps(routes: ResolvedRoute[]): Directive[] {
    const classes = classifyRoutes(routes);
    const depths = listDepths(classes.map(({ depth }) => depth));
    return [
        buildMap("$uri", "$slipway_path", "$uri", []),
        buildMap("$slipway_path", "$slipway_control_character", "", [["~[\\x00-\\x1f\\x7f]", "1"]]),
        buildMap("$slipway_path", "$slipway_document", "", [
            ["~^/\\.well-known/oauth-protected-resource(?:/|\\z)", "document"],
        ]),
        buildMap("$slipway_path", "$slipway_target", "$slipway_path", [
            ["~(?s)^/\\.well-known/oauth-protected-resource(/.*)?\\z", "$1"],
        ]),
        ...depths.flatMap((depth) => cutPath("$slipway_target", "head", "rest", depth)),
        ...buildServerMaps(routes, depths),
        buildMap(
            "$slipway_server",
            "$slipway_class",
            "",
            classes.flatMap(({ name, servers }) => servers.map((server) => [server, name])),
        ),
        ...buildPathMaps(classes),
        ...buildPlaceMaps(classes),
        ...buildCaseMaps(routes),
    ];
}

/**
 * Refuses a path that is spelled in another case. NGINX looks exact keys up in lower case, so each entry of the place maps has
 * the path as it is spelled after its location, and the path of the request must begin with it.
 */
function buildCaseMaps(routes: ResolvedRoute[]): Directive[] {
    // Most prefixes are the name of the server: an entry for each would cost a tenth of the file.
    const spelled = routes
        .filter(({ server, prefix }) => prefix !== `/${server}`)
        .map(({ server, prefix }) => [server, prefix]);
    return [
        buildMap("$slipway_server", "$slipway_spelled_prefix", "/$slipway_server", spelled),
        buildMap(
            "$slipway_found_place $slipway_spelled_prefix $slipway_target",
            "$slipway_known_place",
            places.missing,
            [["~(?s)^(\\S+) (\\S*) (\\S*) \\3\\2(?:/|\\z)", "$1"]],
        ),
        buildMap("$slipway_control_character", "$slipway_place", "$slipway_known_place", [
            ["1", places.malformed],
        ]),
    ];
}

/** The value of a place map: the location, and the path as it is spelled. */
function spell(place: string, path: string): string {
    return `${place} ${path}`;
}

/** Maps `input` to `output`. */
export function buildMap(
    input: string,
    output: string,
    fallback: string,
    entries: string[][],
): Directive {
    return block(
        ["map", input, output],
        [
            directive("default", fallback),
            ...entries.map(([key = "", value = ""]) => directive(key, value)),
        ],
    );
}

/** Cuts a path after so many segments, into `$slipway_<head>_<count>` and `$slipway_<rest>_<count>`. */
function cutPath(path: string, head: string, rest: string, count: number): Directive[] {
    const start = `(?:/[^/]+){${count}}`;
    return count === 0
        ? [
              buildMap(path, `$slipway_${head}_0`, "", []),
              buildMap(path, `$slipway_${rest}_0`, path, []),
          ]
        : [
              buildMap(path, `$slipway_${head}_${count}`, "", [
                  [`~(?s)^(${start})(?:/|\\z)`, "$1"],
              ]),
              buildMap(path, `$slipway_${rest}_${count}`, "", [[`~(?s)^${start}(/.*)\\z`, "$1"]]),
          ];
}

/** Finds the server by host and prefix, the deepest prefix first. */
function buildServerMaps(routes: ResolvedRoute[], depths: number[]): Directive[] {
    return depths.map((depth, index) =>
        buildMap(
            `$host$slipway_head_${depth}`,
            index === depths.length - 1 ? "$slipway_server" : `$slipway_server_${depth}`,
            index === 0 ? "" : `$slipway_server_${depths[index - 1]}`,
            routes
                .filter(({ prefix }) => countSegments(prefix) === depth)
                .map(({ host, prefix, server }) => [host + prefix, server]),
        ),
    );
}

/** The path below the prefix, and those that the server gets. */
function buildPathMaps(classes: RouteClass[]): Directive[] {
    const byClass = (output: string, valueOf: (one: RouteClass) => string) =>
        buildMap(
            "$slipway_class",
            output,
            "",
            classes.map((one) => [one.name, valueOf(one)]),
        );
    return [
        byClass("$slipway_rest", ({ depth }) => `$slipway_rest_${depth}`),
        byClass("$slipway_forwarded", ({ depth, route }) =>
            route.stripPrefix ? `$slipway_rest_${depth}` : "$slipway_target",
        ),
        byClass("$slipway_prefix", ({ depth, route }) =>
            route.stripPrefix ? `$slipway_head_${depth}` : "",
        ),
    ];
}

/** Finds the location by class and path. Paths that require a token come first, then the longest; all have what is below. */
function buildPlaceMaps(classes: RouteClass[]): Directive[] {
    const open = listPlaces("open", classes, ({ openPaths }) => openPaths, places.open);
    const token = listPlaces("token", classes, ({ publicPaths }) => publicPaths, places.token);
    const stages = [...open, ...token];
    const depths = listDepths(stages.map(({ depth }) => depth));
    return [
        ...depths.map((depth) => cutPath("$slipway_rest", "path", "below", depth)[0]!),
        ...stages.map(({ depth, output, entries }, index) =>
            buildMap(
                `$slipway_document:$slipway_class$slipway_path_${depth}`,
                output,
                stages[index - 1]?.output ?? places.missing,
                entries,
            ),
        ),
        buildMap(
            "$slipway_document:$slipway_class$slipway_rest",
            "$slipway_found_place",
            stages.at(-1)?.output ?? places.missing,
            classes.flatMap(({ name, route }) => {
                const path = documentPath(route);
                const place = spell(places.document, path ?? "");
                return path === undefined ? [] : [[`document:${name}${path}`, place]];
            }),
        ),
    ];
}

/** Keys of one kind of paths, by their number of segments. */
function listPlaces(
    kind: string,
    classes: RouteClass[],
    pathsOf: (route: ResolvedRoute) => string[],
    placeOf: (route: ResolvedRoute) => string,
) {
    const depths = listDepths(
        classes.flatMap(({ route }) => pathsOf(route)).map((path) => countSegments(path)),
    );
    return depths.map((depth) => ({
        depth,
        output: `$slipway_${kind}_${depth}`,
        entries: classes.flatMap(({ name, route }) =>
            [...new Set(pathsOf(route))]
                .filter((path) => countSegments(path) === depth)
                .map((path) => [`:${name}${path}`, spell(placeOf(route), path)]),
        ),
    }));
}

/** Path of the resource below the prefix; undefined when the resource has another prefix. */
function documentPath({ resource, prefix }: ResolvedRoute): string | undefined {
    const { pathname } = new URL(resource);
    return pathname.startsWith(prefix) ? pathname.slice(prefix.length) : undefined;
}

function countSegments(path: string): number {
    return path.split("/").length - 1;
}

/** Each depth once, ascending: of two prefixes at one host none is inside the other. */
function listDepths(depths: number[]): number[] {
    return [...new Set(depths)].sort((a, b) => a - b);
}
