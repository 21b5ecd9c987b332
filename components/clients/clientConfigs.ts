import * as pulumi from "@pulumi/pulumi";

import { buildClientConfig, clientKinds, type ClientName } from "./clientConfig.ts";
import { type ClientFiles, defaultFiles } from "./endpoint.ts";
import { buildServerJson } from "./serverJson.ts";

export interface ClientConfigsArgs {
    /** Public URL of each server, by name. */
    endpoints: pulumi.Input<Record<string, string>>;
    /** Issuer of access tokens. */
    issuer: pulumi.Input<string>;
    /**
     * PEM certificates of private authorities. Configurations then name a file with them.
     *
     * @default none
     */
    caCertificates?: pulumi.Input<string>;
}

/** Configuration texts of every server for every client: `{ docs: { claudeCode: "…" } }`. They contain no secret. */
export function buildClientConfigs({
    endpoints,
    issuer,
    caCertificates,
}: ClientConfigsArgs): pulumi.Output<Record<string, Record<string, string>>> {
    const files: ClientFiles = caCertificates === undefined ? {} : { caFile: defaultFiles.caFile };
    return pulumi
        .all([endpoints, issuer])
        .apply(([urls, known]) =>
            mapValues(urls, (url, server) =>
                mapValues(clientKinds, (_, client) =>
                    buildClientConfig(
                        client as ClientName,
                        [{ server, url, issuer: known }],
                        files,
                    ),
                ),
            ),
        );
}

/** Registry entry (`server.json`) of every server, by name. */
export function buildServerJsons(
    endpoints: pulumi.Input<Record<string, string>>,
): pulumi.Output<Record<string, string>> {
    return pulumi.output(endpoints).apply((urls) => mapValues(urls, buildServerJson));
}

function mapValues<From, To>(
    values: Record<string, From>,
    build: (value: From, name: string) => To,
): Record<string, To> {
    return Object.fromEntries(
        Object.entries(values).map(([name, value]) => [name, build(value, name)]),
    );
}
