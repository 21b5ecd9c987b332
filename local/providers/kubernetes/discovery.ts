import { isValues, textOf } from "../protocol/values.ts";
import type { Values } from "../protocol/values.ts";
import { isNotFound } from "./apiError.ts";
import type { Kind } from "./kind.ts";

/** Where the objects of a kind live. */
export interface Collection {
    namespaced: boolean;
    /** Path of the collection, or of one object in it. */
    path(namespace: string, name?: string): string;
}

/** An API server that can be read. */
export interface ReadableServer {
    send(method: "GET", path: string): Promise<Values>;
}

/** Learns from the API server which kinds it has. */
export class Discovery {
    readonly #server: ReadableServer;
    readonly #groups = new Map<string, Promise<Map<string, Collection>>>();

    constructor(server: ReadableServer) {
        this.#server = server;
    }

    /** Undefined when the server does not have the kind (yet): its definition may be part of the same update. */
    async find({ apiVersion, kind }: Kind): Promise<Collection | undefined> {
        let group = this.#groups.get(apiVersion);
        const known = (await group)?.get(kind);
        if (known !== undefined) return known;
        group = this.#read(apiVersion);
        this.#groups.set(apiVersion, group);
        group.catch(() => this.#groups.delete(apiVersion));
        return (await group).get(kind);
    }

    /** Like `find`, but refuses a kind that the server does not have. */
    async get(kind: Kind): Promise<Collection> {
        const found = await this.find(kind);
        if (found !== undefined) return found;
        throw new Error(
            `kind '${kind.kind}' of '${kind.apiVersion}' is not known to the API server; install its ` +
                "CustomResourceDefinition, or a version of Kubernetes that has it",
        );
    }

    async #read(apiVersion: string): Promise<Map<string, Collection>> {
        const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
        const collections = new Map<string, Collection>();
        const answer = await this.#server.send("GET", root).catch((error: unknown): Values => {
            if (isNotFound(error)) return {};
            throw error;
        });
        const resources = Array.isArray(answer.resources) ? answer.resources.filter(isValues) : [];
        for (const resource of resources) {
            const plural = textOf(resource, "name") ?? "";
            // `deployments/scale` and its like are parts of an object, not objects.
            if (plural.includes("/")) continue;
            const namespaced = resource.namespaced === true;
            collections.set(textOf(resource, "kind") ?? "", {
                namespaced,
                path: (namespace, name) =>
                    root +
                    (namespaced ? `/namespaces/${encodeURIComponent(namespace)}` : "") +
                    `/${plural}` +
                    (name === undefined ? "" : `/${encodeURIComponent(name)}`),
            });
        }
        return collections;
    }
}
