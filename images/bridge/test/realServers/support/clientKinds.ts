import { ModernClient } from "./modernClient.ts";
import { OldClient } from "./oldClient.ts";
import type { ClientHandlers, ConnectedClient } from "./connectedClient.ts";

/** A way to connect that a server has to work with. */
export interface ClientKind {
    title: string;
    /** Revision it ends up speaking to the bridge. */
    version: string;
    connect(url: URL, handlers?: ClientHandlers): Promise<ConnectedClient>;
}

/** Before 2026-07-28: sessions, and requests of the server on streams. */
export const oldKind: ClientKind = {
    title: "SDK v1",
    version: "2025-11-25",
    connect: (url, handlers) => OldClient.connect(url, handlers),
};

/** 2026-07-28 and nothing else. */
export const modernKind: ClientKind = {
    title: "SDK v2, pinned to 2026-07-28",
    version: "2026-07-28",
    connect: (url, handlers) => ModernClient.connect(url, { pin: "2026-07-28" }, handlers),
};

/** Asks the endpoint which era it is of. */
const probingKind: ClientKind = {
    title: "SDK v2, by itself",
    version: "2026-07-28",
    connect: (url, handlers) => ModernClient.connect(url, "auto", handlers),
};

/** Every kind of client that each server is tried with. */
export const clientKinds: readonly ClientKind[] = [oldKind, modernKind, probingKind];
