/** A public MCP endpoint, as clients are configured for it. */
export interface ClientEndpoint {
    /** Name of the server; the client's name for it. */
    server: string;
    /** Public URL of the endpoint. */
    url: string;
    /** Issuer of its access tokens. */
    issuer: string;
}

/** Files on the client's machine that configurations refer to. */
export interface ClientFiles {
    /**
     * PEM file with the private authorities of gateway and issuer.
     *
     * @default none: both have certificates of public authorities
     */
    caFile?: string;
    /**
     * JSON file with `client_id` and `client_secret`, for clients that pass on no environment variables.
     *
     * @default `defaultFiles.credentialsFile`
     */
    credentialsFile?: string;
}

/** Paths in configurations that are written for no particular machine. */
export const defaultFiles = {
    caFile: "/path/to/mcp-ca.pem",
    credentialsFile: "/path/to/mcp-client.json",
};

/** Environment variables that configurations refer to instead of containing secrets. */
export const clientVariables = {
    /** Access token. */
    token: "MCP_TOKEN",
    clientId: "MCP_CLIENT_ID",
    clientSecret: "MCP_CLIENT_SECRET",
};
