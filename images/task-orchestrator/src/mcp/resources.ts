import {
    type McpServer,
    ResourceNotFoundError,
    ResourceTemplate,
} from "@modelcontextprotocol/server";

import type { Changed, Orchestrator } from "../orchestrator.ts";
import { statuses, type State, type Status } from "../tasks/task.ts";
import { countTasks, listByStatus, listQueue } from "../tasks/views.ts";

/** A resource with a fixed address. */
interface FixedResource {
    name: string;
    description: string;
    read: (state: State) => object;
    /** Status of the tasks in it; undefined for all. */
    status?: Status;
}

const resources: FixedResource[] = [
    {
        name: "queue",
        description: "All tasks, by priority and age",
        read: (state) => ({ tasks: listQueue(state) }),
    },
    {
        name: "current",
        description: "Tasks in progress",
        read: (state) => ({ tasks: listByStatus(state, "in_progress") }),
        status: "in_progress",
    },
    {
        name: "stats",
        description: "Number of tasks by status, attempts, and success in percent",
        read: countTasks,
    },
    {
        name: "pending",
        description: "Tasks to be taken, by priority and age",
        read: (state) => ({ tasks: listByStatus(state, "pending") }),
        status: "pending",
    },
    {
        name: "completed",
        description: "Completed tasks",
        read: (state) => ({ tasks: listByStatus(state, "completed") }),
        status: "completed",
    },
];

/** Addresses of the resources with other content after a change. */
export function listChangedUris({ statuses: changed }: Changed): string[] {
    const fixed = resources.filter(
        ({ status }) => status === undefined || changed.includes(status),
    );
    return [...fixed.map(({ name }) => `task://${name}`), ...changed.map(filterUri)];
}

/** Registers the resources, and the template `task://filter/{status}`. */
export function registerResources(server: McpServer, orchestrator: Orchestrator): void {
    for (const { name, description, read } of resources) {
        const uri = `task://${name}`;
        const metadata = { title: name, description, mimeType: "application/json" };
        server.registerResource(name, uri, metadata, async () =>
            asJson(uri, read(await orchestrator.read())),
        );
    }
    const template = new ResourceTemplate("task://filter/{status}", {
        list: async () => {
            const state = await orchestrator.read();
            const used = statuses.filter((status) => listByStatus(state, status).length > 0);
            return { resources: used.map((status) => ({ uri: filterUri(status), name: status })) };
        },
        complete: { status: (typed) => statuses.filter((status) => status.startsWith(typed)) },
    });
    const metadata = { description: "Tasks of one status", mimeType: "application/json" };
    server.registerResource("filter", template, metadata, async (uri, { status }) => {
        const known = statuses.find((one) => one === status);
        if (known === undefined) {
            const reason = `status must be one of ${statuses.join(", ")}, got '${String(status)}'`;
            throw new ResourceNotFoundError(uri.href, reason);
        }
        return asJson(uri.href, { tasks: listByStatus(await orchestrator.read(), known) });
    });
}

function filterUri(status: Status): string {
    return `task://filter/${status}`;
}

function asJson(uri: string, content: object) {
    return { contents: [{ uri, mimeType: "application/json", text: JSON.stringify(content) }] };
}
