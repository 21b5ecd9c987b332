/** Fields of a protobuf message by number: varints and fixed numbers as bigint, the rest as bytes. */
export type Fields = Map<number, (bigint | Buffer)[]>;

/** Reads one message of protobuf's wire format. */
export function readMessage(bytes: Buffer): Fields {
    const fields: Fields = new Map();
    let at = 0;
    const readVarint = (): bigint => {
        let value = 0n;
        for (let shift = 0n; ; shift += 7n) {
            const byte = bytes.readUInt8(at++);
            value |= BigInt(byte & 0x7f) << shift;
            if (byte < 0x80) {
                return value;
            }
        }
    };
    const readBytes = (length: number): Buffer => {
        at += length;
        return bytes.subarray(at - length, at);
    };
    while (at < bytes.length) {
        const tag = Number(readVarint());
        const values = fields.get(tag >> 3) ?? [];
        fields.set(tag >> 3, values);
        switch (tag & 7) {
            case 0:
                values.push(readVarint());
                break;
            case 1:
                values.push(readBytes(8).readBigUInt64LE());
                break;
            case 2:
                values.push(readBytes(Number(readVarint())));
                break;
            case 5:
                values.push(BigInt(readBytes(4).readUInt32LE()));
                break;
            default:
                throw new Error(`no wire type of protobuf: ${tag & 7}`);
        }
    }
    return fields;
}

/** Messages in field `number`. */
export function messagesIn(fields: Fields, number: number): Fields[] {
    return bytesIn(fields, number).map(readMessage);
}

/** Byte strings in field `number`. */
export function bytesIn(fields: Fields, number: number): Buffer[] {
    return (fields.get(number) ?? []).filter((value) => typeof value !== "bigint");
}

/** The number in field `number`, 0 when it is left out. */
export function numberIn(fields: Fields, number: number): bigint {
    return (fields.get(number) ?? []).find((value) => typeof value === "bigint") ?? 0n;
}
