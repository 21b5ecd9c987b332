import {
    Identity,
    McpServer,
    NginxGateway,
    nginxGatewayPods,
    resolveEndpoint,
    ServerImage,
    ServerNamespace,
} from "../components/index.ts";

/** Directories the program builds from. */
export interface Sources {
    bridge: string;
    weather: string;
}

/** A program of another project: it uses the components without this project's configuration. */
export function deployWeather({ bridge, weather }: Sources) {
    const address = { host: "mcp.example.org" };
    const registry = { address: "registry.example.org/acme" };
    const { namespace } = new ServerNamespace("tools", { namespace: "tools" });
    const bridgeImage = new ServerImage("bridge", { directory: bridge, registry }).reference;
    const image = new ServerImage("weather", { directory: weather, registry }).reference;

    const identity = new Identity("login", {
        issuer: "https://auth.example.org/realms/tools",
        servers: { weather: resolveEndpoint("weather", {}, address) },
        namespace,
    });
    const server = new McpServer("weather", {
        namespace,
        image,
        address,
        gatewayPods: nginxGatewayPods,
        transport: "stdio",
        command: ["weather-mcp"],
        bridgeImage,
    });
    const { endpoints } = new NginxGateway("gateway", {
        namespace,
        address,
        tls: { secretName: "mcp-example-org" },
        exposure: { loadBalancer: true },
        identity,
        routes: [server.route],
        verifierImage: bridgeImage,
    });
    return { endpoints };
}
