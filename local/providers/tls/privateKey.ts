import { createHash, generateKeyPair } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { promisify } from "node:util";

import { frozenType } from "../protocol/frozenType.ts";
import { textOf } from "../protocol/values.ts";
import type { Values } from "../protocol/values.ts";

const generate = promisify(generateKeyPair);

const curves = new Map([
    ["P224", "secp224r1"],
    ["P256", "prime256v1"],
    ["P384", "secp384r1"],
    ["P521", "secp521r1"],
]);

/** `tls.PrivateKey`, without the outputs in OpenSSH's own formats (`…Openssh`, `publicKeyFingerprint…`). */
export const privateKeyType = frozenType({
    // The official provider's defaults.
    defaults: { ecdsaCurve: "P224", rsaBits: 2048 },
    outputs: ["privateKeyPem", "privateKeyPemPkcs8", "publicKeyPem"],
    secretOutputs: ["privateKeyPem", "privateKeyPemPkcs8"],
    refuse: (inputs) => [
        ...refuseOther(inputs, "algorithm", ["RSA", "ECDSA", "ED25519"]),
        ...refuseOther(inputs, "ecdsaCurve", [...curves.keys()]),
    ],
    make: async (inputs) => {
        const { privateKey, publicKey } = await generateKey(inputs);
        const fingerprint = createHash("sha1").update(der(publicKey)).digest("hex");
        return {
            id: fingerprint,
            outputs: {
                privateKeyPem: pem(privateKey, privateFormat(privateKey)),
                privateKeyPemPkcs8: pem(privateKey, "pkcs8"),
                publicKeyPem: String(publicKey.export({ type: "spki", format: "pem" })),
            },
        };
    },
});

function refuseOther(inputs: Values, property: string, allowed: string[]) {
    const value = textOf(inputs, property);
    if (value === undefined || allowed.includes(value)) return [];
    return [{ property, reason: `must be one of ${allowed.join(", ")}, got '${value}'` }];
}

function generateKey(inputs: Values): Promise<{ privateKey: KeyObject; publicKey: KeyObject }> {
    switch (textOf(inputs, "algorithm")) {
        case "RSA":
            return generate("rsa", { modulusLength: Number(inputs.rsaBits) });
        case "ECDSA":
            return generate("ec", {
                namedCurve: curves.get(textOf(inputs, "ecdsaCurve") ?? "") ?? "",
            });
        default:
            return generate("ed25519");
    }
}

/** The official provider's format for this type of key. */
function privateFormat({ asymmetricKeyType }: KeyObject): "pkcs1" | "sec1" | "pkcs8" {
    if (asymmetricKeyType === "rsa") return "pkcs1";
    return asymmetricKeyType === "ec" ? "sec1" : "pkcs8";
}

function pem(key: KeyObject, type: "pkcs1" | "sec1" | "pkcs8"): string {
    return String(key.export({ type, format: "pem" }));
}

function der(key: KeyObject): Buffer {
    return key.export({ type: "spki", format: "der" });
}
