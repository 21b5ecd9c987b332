import type { Server } from "node:http";
import type { Socket } from "node:net";

/**
 * Ends connections whose clients stop reading what they are sent, which would hold their place among the requests at once,
 * and what was sent, for as long as they like.
 *
 * Looks at the connections from time to time instead of starting a timer for each answer. One that has unread bytes gets
 * Node's own socket time-out, which knows progress within a single long write from none.
 *
 * @param limit how long nothing may be read while something waits to be, in milliseconds
 * @param onEnd called for each connection that is ended
 */
export function limitUnreadTime(server: Server, limit: number, onEnd: () => void): void {
    const sockets = new Set<Socket>();
    server.on("connection", (socket) => {
        sockets.add(socket);
        socket.once("close", () => sockets.delete(socket));
    });
    server.on("timeout", (socket: Socket) => {
        if (socket.timeout !== limit) {
            // Kept alive for long enough without a request.
            socket.destroy();
        } else if (socket.writableLength > 0) {
            onEnd();
            socket.destroy();
        } else {
            // All was read, and a further request of this connection may take its time.
            socket.setTimeout(0);
        }
    });
    const sweep = setInterval(() => {
        for (const socket of sockets) {
            if (socket.writableLength > 0 && socket.timeout !== limit) {
                socket.setTimeout(limit);
            }
        }
    }, limit / 2);
    sweep.unref();
    server.once("close", () => clearInterval(sweep));
}
