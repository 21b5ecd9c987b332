import { identityHeaders, misleadingHeaders, verifiedHeaders } from "../headers.ts";

/** Defines the challenge for every location, those without verifier included. */
export const noChallenge = 'set $slipway_challenge "";';

/** Sets a header of the request to the server; one without value is removed. */
export function setHeader(name: string, value: string): string {
    return `proxy_set_header ${name} "${value}";`;
}

const removed = [...identityHeaders, ...misleadingHeaders, "Authorization"];

/** Tells the server the caller that the verifier named, and nothing that a client claims. */
export function buildVerifiedSnippet(): string {
    return [
        ...verifiedHeaders.flatMap((header) => {
            const name = header.toLowerCase().replaceAll("-", "_");
            return [
                `auth_request_set $slipway_${name} $upstream_http_${name};`,
                setHeader(header, `$slipway_${name}`),
            ];
        }),
        "auth_request_set $slipway_challenge $upstream_http_www_authenticate;",
        ...removed.map((name) => setHeader(name, "")),
    ].join("\n");
}

/** The server sees an anonymous caller. */
export function buildAnonymousSnippet(): string {
    const names = [...verifiedHeaders, ...removed];
    return names.map((name) => setHeader(name, "")).join("\n");
}

/** The challenge of a 403, by host, as each VirtualServer has its map: NGINX passes on only that of a 401. */
export function stepUpMap(host: string): string {
    return `map $status ${stepUpVariable(host)} { default ""; 403 $slipway_challenge; }`;
}

/** Adds the challenge to the answers of a location. */
export function addStepUp(host: string): string {
    return `add_header WWW-Authenticate ${stepUpVariable(host)} always;`;
}

function stepUpVariable(host: string): string {
    return `$slipway_step_up_${host.replaceAll(/[.-]/g, "_")}`;
}
