import {
    Identity,
    McpServer,
    NginxGateway,
    resolveEndpoint,
    ServerImage,
    ServerNamespace,
} from "../components/index.ts";

/** Directories the program builds from. */
export interface Sources {
    bridge: string;
    weather: string;
}

/** What another project would write: the components alone, without this project's configuration file. */
export function deployWeather({ bridge, weather }: Sources) {
    const address = { host: "mcp.example.org" };
    const registry = { address: "registry.example.org/acme" };
    const { namespace } = new ServerNamespace("tools", { namespace: "tools" });
    const { reference } = new ServerImage("bridge", { directory: bridge, registry });

    const identity = new Identity("login", {
        issuer: "https://auth.example.org/realms/tools",
        servers: { weather: resolveEndpoint("weather", {}, address) },
        namespace,
    });
    const server = new McpServer("weather", {
        namespace,
        source: { build: weather },
        registry,
        address,
        transport: "stdio",
        command: ["weather-mcp"],
        bridgeImage: reference,
    });
    const { endpoints } = new NginxGateway("gateway", {
        namespace,
        address,
        tls: { secretName: "mcp-example-org" },
        exposure: { loadBalancer: true },
        identity,
        routes: [server.route],
        verifierImage: reference,
    });
    return { endpoints };
}
