import { createServer } from "node:net";

/** Whether a program of the machine listens on this port of 127.0.0.1; the platform's programs listen in the node. */
export async function machineListens(port: number): Promise<boolean> {
    const server = createServer();
    return new Promise((resolve, reject) => {
        server.once("error", (error: NodeJS.ErrnoException) => {
            if (error.code === "EADDRINUSE") resolve(true);
            else reject(error);
        });
        server.listen(port, "127.0.0.1", () => server.close(() => resolve(false)));
    });
}
