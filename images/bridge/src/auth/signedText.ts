import { createHmac, timingSafeEqual } from "node:crypto";

/** Bytes kept of the HMAC-SHA256: 128 bits, which cannot be guessed. */
const signatureBytes = 16;

/** Signs texts that travel through clients, so that none can be made up or changed. Nothing in them is hidden. */
export class Signer {
    private readonly key: Buffer;
    private readonly purpose: string;

    /** @param purpose what the texts are for; one signed for another purpose is not accepted */
    constructor(key: Buffer, purpose: string) {
        this.key = key;
        this.purpose = purpose;
    }

    /** Makes a text of visible ASCII characters that carries `content`. */
    sign(content: unknown): string {
        const text = Buffer.from(JSON.stringify(content)).toString("base64url");
        return `${text}.${this.signatureOf(text).toString("base64url")}`;
    }

    /** The content of a text that was signed here or by a replica with the same key; undefined for any other. */
    open(signed: string): unknown {
        const [text = "", signature = "", ...rest] = signed.split(".");
        // As text, because other characters can stand for the same bytes: one text, and no other, is the one that was signed.
        const given = Buffer.from(signature);
        const right = Buffer.from(this.signatureOf(text).toString("base64url"));
        if (rest.length > 0 || given.length !== right.length) {
            return undefined;
        }
        return timingSafeEqual(given, right)
            ? JSON.parse(Buffer.from(text, "base64url").toString("utf8"))
            : undefined;
    }

    private signatureOf(text: string): Buffer {
        const whole = createHmac("sha256", this.key).update(`${this.purpose}\0${text}`).digest();
        return whole.subarray(0, signatureBytes);
    }
}
