import { isValues, textOf } from "../protocol/values.ts";
import type { Values } from "../protocol/values.ts";
import { isNotFound } from "./apiError.ts";
import type { Kind } from "./kind.ts";

/** The API collection of a kind. */
export interface Collection {
    namespaced: boolean;
    /** Path of the collection, or of one object when `name` is given. */
    path(namespace: string, name?: string): string;
}

/** Read access to an API server. */
export interface ReadableServer {
    send(method: "GET", path: string): Promise<Values>;
}

/** Discovers the kinds of an API server. */
export class Discovery {
    readonly #server: ReadableServer;
    readonly #groups = new Map<string, Promise<Map<string, Collection>>>();

    constructor(server: ReadableServer) {
        this.#server = server;
    }

    /** Finds the collection of a kind; undefined when there is none yet: the same update may create it. */
    async find({ apiVersion, kind }: Kind): Promise<Collection | undefined> {
        let group = this.#groups.get(apiVersion);
        const known = (await group)?.get(kind);
        if (known !== undefined) return known;
        group = this.#read(apiVersion);
        this.#groups.set(apiVersion, group);
        group.catch(() => this.#groups.delete(apiVersion));
        return (await group).get(kind);
    }

    /** Like `find`, but throws when the server does not have the kind. */
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
            // Skips subresources such as `deployments/scale`.
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
