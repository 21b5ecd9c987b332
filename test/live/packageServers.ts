/** A server that is nothing but lines of a stack's configuration, and calls that show that it works. */
export interface PackageServer {
    /** Its entry in `slipway:servers`. */
    entry: { name: string; source: object } & Record<string, unknown>;
    /** Whether it answers something of its own without reaching anything outside: calls in order, with what the last answers. */
    calls?: { calls: [tool: string, args: Record<string, unknown>][]; expect: string };
}

const http = { transport: "http", sessions: "stateful" };
const stdio = { transport: "stdio", isolation: "shared" };
const small = {
    replicas: { min: 1, max: 1 },
    resources: { requests: { cpu: "10m", memory: "64Mi" } },
    longestCallSeconds: 5,
};

/** Servers that their authors publish on npm and PyPI, stdio and HTTP, with state and without. */
export const packageServers: PackageServer[] = [
    {
        entry: { name: "calc", source: { npm: "@coo-quack/calc-mcp@2.1.1" }, ...stdio },
        calls: {
            calls: [["base64", { input: "slipway", action: "encode" }]],
            expect: "c2xpcHdheQ==",
        },
    },
    {
        entry: {
            name: "memory-bank",
            source: { npm: "@allpepper/memory-bank-mcp@0.2.2" },
            env: { MEMORY_BANK_ROOT: "/tmp/bank" },
            ...stdio,
        },
        calls: {
            calls: [
                ["memory_bank_write", { projectName: "a", fileName: "b.md", content: "is kept" }],
                ["memory_bank_read", { projectName: "a", fileName: "b.md" }],
            ],
            expect: "is kept",
        },
    },
    {
        entry: { name: "tasks", source: { npm: "@kazuph/mcp-taskmanager@1.1.1" }, ...stdio },
        calls: {
            calls: [
                [
                    "request_planning",
                    {
                        originalRequest: "sail home",
                        tasks: [{ title: "weigh anchor", description: "at dawn" }],
                    },
                ],
                ["list_requests", {}],
            ],
            expect: "sail home",
        },
    },
    {
        entry: { name: "code-runner", source: { npm: "mcp-server-code-runner@0.1.8" }, ...stdio },
        calls: {
            calls: [["run-code", { languageId: "javascript", code: "console.log(6 * 7)" }]],
            expect: "42",
        },
    },
    {
        entry: {
            name: "boilerplate",
            source: { npm: "@aashari/boilerplate-mcp-server@3.2.0" },
            ...stdio,
        },
    },
    {
        entry: {
            name: "playwright",
            source: { npm: "@playwright/mcp@0.0.83" },
            command: [
                "playwright-mcp",
                ...["--port", "8000", "--host", "0.0.0.0", "--allowed-hosts", "*"],
            ],
            ...http,
        },
    },
    {
        entry: {
            name: "charts",
            source: { npm: "@antv/mcp-server-chart@0.9.10" },
            command: [
                "mcp-server-chart",
                ...["--transport", "streamable", "--host", "0.0.0.0", "--port", "8000"],
            ],
            transport: "http",
            sessions: "stateless",
        },
    },
    {
        entry: { name: "calculator", source: { pypi: "mcp-server-calculator@0.2.1" }, ...stdio },
        calls: { calls: [["calculate", { expression: "6*7" }]], expect: "42" },
    },
    {
        entry: {
            name: "thinking",
            source: { pypi: "sequential-thinking-mcp@0.10.2" },
            ...stdio,
        },
        calls: {
            calls: [["think", { thread_purpose: "rest", thought: "sleep", thought_index: 1 }]],
            expect: "",
        },
    },
    {
        entry: { name: "formats", source: { pypi: "mcp-json-yaml-toml@0.10.2" }, ...stdio },
        calls: { calls: [["constraint_list", {}]], expect: "YQ_PATH" },
    },
    {
        entry: { name: "text-editor", source: { pypi: "mcp-text-editor@1.2.2" }, ...stdio },
    },
    {
        entry: {
            name: "sqlite",
            source: { pypi: "mcp-server-sqlite@2025.4.25", with: ["mcp<2"] },
            ...stdio,
        },
        calls: {
            calls: [
                ["create_table", { query: "create table ships (name text)" }],
                ["list_tables", {}],
            ],
            expect: "ships",
        },
    },
    {
        entry: {
            name: "excel",
            source: { pypi: "excel-mcp-server@2.2.2" },
            command: [
                "excel-mcp-server",
                ...["streamable-http", "--host", "0.0.0.0", "--port", "8000"],
                "--allow-unauthenticated",
            ],
            ...http,
        },
        calls: {
            calls: [
                ["create_workbook", { path: "ships.xlsx" }],
                ["list_workbooks", {}],
            ],
            expect: "ships.xlsx",
        },
    },
    {
        entry: {
            name: "duckdb",
            source: { pypi: "mcp-server-motherduck@1.1.0" },
            command: [
                "mcp-server-motherduck",
                ...["--db-path", ":memory:", "--read-write", "--transport", "http"],
                ...["--host", "0.0.0.0", "--port", "8000"],
            ],
            ...http,
        },
        calls: { calls: [["execute_query", { sql: "select 6*7 as a" }]], expect: "42" },
    },
].map((server) => ({ ...server, entry: { ...small, ...server.entry } })) as PackageServer[];
