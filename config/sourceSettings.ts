import * as z from "zod";

import { optional, required } from "./keys.ts";

/** What a server's image is: one of four forms. */
export const source = z.union(
    [
        z.strictObject({
            build: required(z.string(), "Directory with a Dockerfile to build", "images/weather"),
            buildArgs: optional(
                z.record(z.string(), z.string()),
                "Build arguments; readable in the image and in the state, so never a secret",
                { default: {}, example: { VERSION: "1.4.0" } },
            ),
            target: optional(z.string(), "Stage of the Dockerfile to build", {
                absent: "the last one",
                example: "runtime",
            }),
            cacheFrom: optional(
                z.array(z.string()),
                "Images whose layers the build may reuse besides those of the Docker engine",
                { default: [], example: ["ghcr.io/acme/weather:1.3.0"] },
            ),
        }),
        z.strictObject({
            image: required(
                z.string(),
                "Existing image, with a version tag or digest",
                "registry.example.org/weather:1.4.0",
            ),
        }),
        z.strictObject({
            npm: required(
                z.string(),
                "Package of npm with its exact version; its own command is started unless `command` names another",
                "@acme/weather-mcp@1.4.0",
            ),
            with: optional(z.array(z.string()), "Further packages of npm", {
                default: [],
                example: ["zod@^4.1.0"],
            }),
        }),
        z.strictObject({
            pypi: required(
                z.string(),
                "Package of PyPI with its exact version; its own command is started unless `command` names another",
                "weather-mcp@1.4.0",
            ),
            with: optional(z.array(z.string()), "Further packages of PyPI, or bounds on versions", {
                default: [],
                example: ["mcp<2"],
            }),
        }),
    ],
    {
        error: "must be one of { build: <directory> }, { image: <reference> }, { npm: <package> }, { pypi: <package> }",
    },
);
