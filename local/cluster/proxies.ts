const names = ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"];

/**
 * The caller's HTTP proxies, for daemons that fetch from the network. Local addresses bypass them.
 *
 * @returns an empty object when the caller has none
 */
export function readProxies(environment: NodeJS.ProcessEnv): Record<string, string> {
    const found = names.flatMap((name) => {
        const value = environment[name];
        return value === undefined ? [] : [[name, value] as const];
    });
    if (found.length === 0) return {};
    const around = environment["NO_PROXY"] ?? environment["no_proxy"];
    const local = ["localhost", "127.0.0.1", "10.0.0.0/8", ".svc", ".cluster.local"];
    const direct = [...(around === undefined ? [] : [around]), ...local].join(",");
    return { ...Object.fromEntries(found), NO_PROXY: direct, no_proxy: direct };
}
