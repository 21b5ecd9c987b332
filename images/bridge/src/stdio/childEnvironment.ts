import { readFileSync } from "node:fs";

/** What a program needs to find its files, its language and the way out; none of it is a secret of the bridge. */
const passedOn = new Set([
    ...["PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "LANG", "LANGUAGE", "TZ", "TMPDIR"],
    ...["SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"],
    ...["NODE_EXTRA_CA_CERTS", "PYTHONUNBUFFERED", "VIRTUAL_ENV", "NODE_ENV"],
    ...["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"],
    ...["http_proxy", "https_proxy", "all_proxy", "no_proxy"],
]);

/**
 * The whole environment of a process of the server that starts now: secrets are read anew from their files, so that a new
 * process knows a secret that was replaced.
 *
 * @throws when a file cannot be read
 */
export function readChildEnvironment(
    environment: NodeJS.ProcessEnv,
    {
        childEnvironment,
        childSecretFiles,
    }: { childEnvironment: readonly string[]; childSecretFiles: Readonly<Record<string, string>> },
): NodeJS.ProcessEnv {
    const built = buildChildEnvironment(environment, childEnvironment);
    for (const [name, file] of Object.entries(childSecretFiles)) {
        built[name] = readFileSync(file, "utf8").replace(/\r?\n$/, "");
    }
    return built;
}

/**
 * The environment of the server: what every program needs, and what its operator named for it.
 *
 * @param names further variables to pass on
 */
export function buildChildEnvironment(
    environment: NodeJS.ProcessEnv,
    names: readonly string[],
): NodeJS.ProcessEnv {
    return Object.fromEntries(
        Object.entries(environment).filter(
            ([name]) => passedOn.has(name) || name.startsWith("LC_") || names.includes(name),
        ),
    );
}
