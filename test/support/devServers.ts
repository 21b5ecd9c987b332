/** The servers of Pulumi.dev.yaml, and the paths of their endpoints. */
export const devServers = {
    "add-numbers": "/add-numbers/mcp",
    greet: "/greeter/greet/mcp",
    bye: "/bye/mcp",
    "task-orchestrator": "/task-orchestrator/mcp",
    fetch: "/fetch/mcp",
};
