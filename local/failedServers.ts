import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";

const server = "slipway:index:McpServer";
const image = "slipway:index:ServerImage";

/** Gathers what fails in an update. Give its `note` to `onEvent`. */
export class FailedServers {
    readonly #servers = new Set<string>();
    #others = false;

    readonly note = ({ resOpFailedEvent }: EngineEvent): void => {
        if (resOpFailedEvent === undefined) return;
        const { urn, new: wanted, old } = resOpFailedEvent.metadata;
        const types = urn.split("::")[2] ?? "";
        // The parents of a resource that makes up a server have the server's name.
        const name = (wanted ?? old)?.parent.split("::").at(-1);
        if (types.startsWith(`${server}$`) && name !== undefined) this.#servers.add(name);
        // Servers of an image that is not built are found when they are called.
        else if (!types.startsWith(`${image}$`)) this.#others = true;
    };

    /** Names of the servers that failed; undefined when something failed that other servers need, or nothing at all. */
    get names(): string[] | undefined {
        return this.#others ? undefined : [...this.#servers].sort();
    }
}
