import { hash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { BoundedMap } from "../collections/boundedMap.ts";

/** Certificates whose thumbprint is remembered. */
const entryLimit = 1000;
const thumbprints = new BoundedMap<string>({
    entries: entryLimit,
    size: 8 * 1024 * 1024,
    sizeOf: (key) => key.length,
});

/**
 * The SHA-256 thumbprint, in base64url, of the client certificate that the gateway has checked: from
 * `X-Client-Certificate-Sha256` (hexadecimal, colons allowed, or base64url), or from `X-Client-Certificate`, the
 * percent-encoded PEM text that NGINX has as `$ssl_client_escaped_cert`.
 *
 * @returns undefined when there is none, or it is malformed
 */
export function readThumbprint(headers: IncomingHttpHeaders): string | undefined {
    const digest = headers["x-client-certificate-sha256"];
    if (typeof digest === "string" && digest !== "") {
        const hex = digest.replaceAll(":", "");
        if (/^[0-9a-f]{64}$/i.test(hex)) {
            return Buffer.from(hex, "hex").toString("base64url");
        }
        return /^[\w-]{43}$/.test(digest) ? digest : undefined;
    }
    const certificate = headers["x-client-certificate"];
    return typeof certificate === "string" && certificate !== ""
        ? (thumbprints.get(certificate) ?? digestCertificate(certificate))
        : undefined;
}

function digestCertificate(escaped: string): string | undefined {
    const body = /^-+BEGIN CERTIFICATE-+([^-]+)-+END CERTIFICATE-+\s*$/.exec(decode(escaped))?.[1];
    if (body === undefined) {
        return undefined;
    }
    const thumbprint = hash("sha256", Buffer.from(body, "base64"), "base64url");
    thumbprints.set(escaped, thumbprint);
    return thumbprint;
}

function decode(text: string): string {
    try {
        return decodeURIComponent(text);
    } catch {
        return "";
    }
}
