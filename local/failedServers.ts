import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";

import { serverOfPart } from "./serverOfPart.ts";

const image = "slipway:index:ServerImage";

/** Gathers what fails in an update. Give its `note` to `onEvent`. */
export class FailedServers {
    readonly #servers = new Set<string>();
    #others = false;

    readonly note = ({ resOpFailedEvent }: EngineEvent): void => {
        if (resOpFailedEvent === undefined) return;
        const { urn, new: wanted, old } = resOpFailedEvent.metadata;
        const types = urn.split("::")[2] ?? "";
        const server = serverOfPart(urn, (wanted ?? old)?.parent);
        if (server !== undefined) this.#servers.add(server);
        // Servers of an image that is not built are found when they are called.
        else if (!types.startsWith(`${image}$`)) this.#others = true;
    };

    /** Names of the servers that failed; undefined when something failed that other servers need, or nothing at all. */
    get names(): string[] | undefined {
        return this.#others ? undefined : [...this.#servers].sort();
    }
}
