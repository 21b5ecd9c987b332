import { accessSync, constants } from "node:fs";
import { dirname, resolve } from "node:path";

/** What the environment says. */
export interface Settings {
    transport: "stdio" | "http";
    port: number;
    path: string;
    allowedHosts: string[];
    stateFile: string;
    /** Whether a damaged state file is replaced by an empty one. */
    startEmpty: boolean;
    idleSeconds: number;
}

/** Reads the settings; gives every problem at once. */
export function readSettings(
    args: string[],
    environment: Record<string, string | undefined>,
): { settings: Settings; problems: string[] } {
    const problems: string[] = [];
    const check = (name: string, value: string, good: boolean, rule: string) => {
        if (!good) problems.push(`${name}: must be ${rule}, got '${value}'`);
        return value;
    };
    const isWhole = (text: string, min: number, max: number) =>
        /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max;
    const { PORT = "8000", MCP_PATH = "/mcp", IDLE_SECONDS = "3600" } = environment;
    const { STATE_FILE = "/data/tasks.json", ALLOWED_HOSTS = "" } = environment;
    const { TRANSPORT = "http", ON_DAMAGED_STATE = "stop" } = environment;
    const transport = args[0] ?? TRANSPORT;
    check("TRANSPORT", transport, ["stdio", "http"].includes(transport), "'stdio' or 'http'");
    check("PORT", PORT, isWhole(PORT, 1, 65_535), "a port number");
    check("MCP_PATH", MCP_PATH, /^\/\S*[^/\s]$/.test(MCP_PATH), "a path such as '/mcp'");
    check("IDLE_SECONDS", IDLE_SECONDS, isWhole(IDLE_SECONDS, 1, 86_400), "1 to 86400");
    check(
        "ON_DAMAGED_STATE",
        ON_DAMAGED_STATE,
        ["stop", "empty"].includes(ON_DAMAGED_STATE),
        "'stop' or 'empty'",
    );
    const rule = "a file in a directory that can be written; mount a volume there";
    check("STATE_FILE", STATE_FILE, isWritable(dirname(resolve(STATE_FILE))), rule);
    return {
        problems,
        settings: {
            transport: transport as Settings["transport"],
            port: Number(PORT),
            path: MCP_PATH,
            allowedHosts: ALLOWED_HOSTS.split(",").filter((host) => host !== ""),
            stateFile: resolve(STATE_FILE),
            startEmpty: ON_DAMAGED_STATE === "empty",
            idleSeconds: Number(IDLE_SECONDS),
        },
    };
}

function isWritable(directory: string): boolean {
    try {
        accessSync(directory, constants.W_OK);
        return true;
    } catch {
        return false;
    }
}
