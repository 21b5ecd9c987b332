import * as z from "zod";

import { identityDefaults } from "../components/identity/defaults.ts";
import { optional, required } from "./keys.ts";

const documents = z.strictObject({
    hosts: required(
        z.array(z.string()),
        "Hosts of the documents; `*.example.org` is the host and all below it",
        ["claude.ai"],
    ),
    redirectHosts: optional(
        z.array(z.string()),
        "Hosts, besides `hosts`, of redirect URIs and other URIs in the documents",
        { default: identityDefaults.loopbackHosts, example: ["localhost"] },
    ),
});

const dynamic = z.strictObject({
    redirectHosts: required(
        z.array(z.string()),
        "Hosts of redirect URIs, and of all other URIs that a program registers",
        ["localhost", "127.0.0.1"],
    ),
});

/** How programs that nobody registered get a client id, `identity.registration`. */
export const registrationKey = optional(
    z.strictObject({
        documents: optional(
            documents,
            "Client ID metadata documents: the client id is the https URL of one; Keycloak must run with the feature `cimd`",
            { absent: "no URL is accepted", example: { hosts: ["claude.ai"] } },
        ),
        dynamic: optional(
            dynamic,
            "Dynamic client registration without a token; deploy the realm once before",
            {
                absent: "Keycloak refuses every registration",
                example: { redirectHosts: ["localhost", "127.0.0.1"] },
            },
        ),
        servers: optional(z.array(z.string()).min(1), "Servers that people may call with them", {
            absent: "all",
            example: ["weather"],
        }),
    }),
    "How programs that nobody registered get a client id, in a created realm",
    {
        absent: "people enter the id of `interactive`",
        example: { dynamic: { redirectHosts: ["localhost", "127.0.0.1"] } },
    },
);
