import { type Directive, directive } from "./directive.ts";
import type { NginxSurroundings } from "./settings.ts";

/** Name of the shared memory, and of the directory. */
const zone = "verdicts";

/** The directory, below that for temporary files. A volume in memory, as its files hold tokens. */
export const verdictsDirectory = `/${zone}`;

/** Where verdicts of the verifier are remembered: asking it for every call costs as much as all the rest. */
export function buildVerdictCache({ temporary }: NginxSurroundings): Directive[] {
    return [
        directive(
            "proxy_cache_path",
            temporary + verdictsDirectory,
            `keys_zone=${zone}:4m`,
            "inactive=10s",
            "max_size=16m",
            "use_temp_path=off",
        ),
    ];
}

/**
 * Remembers accepted tokens in the location that asks the verifier, found by a digest of server and token, which are then
 * compared in full. Only the verifier says for how long (`X-Accel-Expires`): seconds, never beyond the end of the token, and
 * not at all where revocation or a certificate is checked. Refusals are not remembered.
 */
export function buildVerdictReuse(): Directive[] {
    return [
        directive("proxy_cache", zone),
        directive("proxy_cache_key", "$slipway_server $http_authorization"),
        directive("proxy_ignore_headers", "Cache-Control", "Expires", "Set-Cookie", "Vary"),
        // Without buffers nothing is remembered.
        directive("proxy_buffering", "on"),
    ];
}
