import type { KeyObject } from "node:crypto";

/** Web Crypto's names of OpenSSL's curves. Web Crypto lacks P-224. */
const curves: Record<string, string> = {
    prime256v1: "P-256",
    secp384r1: "P-384",
    secp521r1: "P-521",
};

/** Web Crypto's parameters to import a private key and to sign with it. */
export function signingAlgorithm(key: KeyObject): {
    algorithm: { name: string; hash?: string; namedCurve?: string };
    signing: { name: string; hash?: string };
} {
    switch (key.asymmetricKeyType) {
        case "rsa": {
            const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
            return { algorithm, signing: algorithm };
        }
        case "ec": {
            const curve = key.asymmetricKeyDetails?.namedCurve ?? "";
            const namedCurve = curves[curve];
            if (namedCurve === undefined)
                throw new Error(
                    `privateKeyPem: a certificate needs curve P256, P384 or P521, got '${curve}'`,
                );
            const hash = namedCurve === "P-384" ? "SHA-384" : "SHA-256";
            return { algorithm: { name: "ECDSA", namedCurve }, signing: { name: "ECDSA", hash } };
        }
        case "ed25519":
            return { algorithm: { name: "Ed25519" }, signing: { name: "Ed25519" } };
        default:
            throw new Error(
                `privateKeyPem: must be an RSA, ECDSA or ED25519 key, got '${key.asymmetricKeyType}'`,
            );
    }
}
