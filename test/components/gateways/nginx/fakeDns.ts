import { createSocket } from "node:dgram";
import { once } from "node:events";

/** A DNS server that knows a few names; it stands for a headless Service whose pods come and go. */
export interface FakeDns {
    port: number;
    /** Addresses by name; may be changed at any time. */
    addresses: Record<string, string[]>;
    /** Questions so far. */
    asked: () => number;
    close(): void;
}

/** Answers A questions from `addresses`; everything else has no records. */
export async function startFakeDns(addresses: Record<string, string[]>): Promise<FakeDns> {
    const socket = createSocket("udp4");
    let asked = 0;
    socket.on("message", (question, { port, address }) => {
        asked += 1;
        socket.send(answer(question, addresses), port, address);
    });
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    const { port } = socket.address();
    return { port, addresses, asked: () => asked, close: () => void socket.close() };
}

function answer(question: Buffer, addresses: Record<string, string[]>): Buffer {
    const labels: string[] = [];
    let end = 12;
    for (let length = question[end] ?? 0; length > 0; length = question[end] ?? 0) {
        labels.push(question.toString("ascii", end + 1, end + 1 + length));
        end += 1 + length;
    }
    const asksForA = question.readUInt16BE(end + 1) === 1;
    const found = asksForA ? (addresses[labels.join(".")] ?? []) : [];
    const header = Buffer.alloc(12);
    question.copy(header, 0, 0, 2);
    header.writeUInt16BE(0x8580, 2); // an authoritative answer without error
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(found.length, 6);
    const records = found.map((address) =>
        // name: see question; type A; class IN; one second; four bytes
        Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, ...address.split(".").map(Number)]),
    );
    return Buffer.concat([header, question.subarray(12, end + 5), ...records]);
}
