import KeycloakAdminClient from "@keycloak/keycloak-admin-client";
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";

import { run, waitFor } from "../../local/cluster/run.ts";
import { type Download, downloads, fetchDownload } from "../../local/mirror/downloads.ts";
import { step } from "../../local/steps.ts";
import { testRun } from "../testRun/testRun.ts";

/** Versions that are tested besides the platform's own. */
export const versions = {
    /** The oldest that has scope `basic`. */
    oldest: {
        title: "Keycloak 25.0.0",
        source: { maven: "org.keycloak:keycloak-quarkus-dist:25.0.0:zip" },
        integrity: "sha256-xxhe8RV9fO7x19/PQY6c5lm03KcfKjFI9IYlIpx9QGc=",
    },
    platform: downloads.keycloak,
    newest: {
        title: "Keycloak 26.7.4",
        source: { maven: "org.keycloak:keycloak-quarkus-dist:26.7.4:zip" },
        integrity: "sha256-oobpi0KW1Ode6I2FJ8fNRjswfKoCLwiMnyLP/Mx0H6E=",
    },
} satisfies Record<string, Download>;

/** Time for a start with augmentation on a busy machine, in seconds. */
const startSeconds = 240;

/** Where one Keycloak follows another one: address, data and administrator stay. */
export interface KeycloakPlace {
    port: number;
    /** Directory of the database. */
    directory: string;
    password: string;
}

/** Prepares a place for one Keycloak after the other. */
export async function prepareKeycloakPlace(): Promise<KeycloakPlace> {
    const directory = join(testRun().directory, `keycloak-data-${randomBytes(4).toString("hex")}`);
    await mkdir(directory);
    return { port: await findPort(), directory, password: randomBytes(16).toString("hex") };
}

/** A Keycloak on a port of this machine, with its own data, beside the platform. */
export class KeycloakBeside {
    readonly url: string;
    readonly username = "admin";
    readonly password: string;
    readonly #process: ChildProcess;
    readonly #directory: string;

    private constructor(url: string, password: string, child: ChildProcess, directory: string) {
        this.url = url;
        this.password = password;
        this.#process = child;
        this.#directory = directory;
    }

    /**
     * Starts a version, with at most a few hundred megabytes of its own.
     *
     * @param place - By default a free port, and an empty database in memory.
     */
    static async start(
        download: Download,
        features: string[] = [],
        place?: KeycloakPlace,
    ): Promise<KeycloakBeside> {
        const archive = await step(download.title, (log) => fetchDownload(download, log));
        const directory = join(testRun().directory, `keycloak-${randomBytes(4).toString("hex")}`);
        await mkdir(directory);
        await run("unzip", ["-q", archive, "-d", directory]);
        const port = place?.port ?? (await findPort());
        const password = place?.password ?? randomBytes(16).toString("hex");
        const log = join(directory, "log");
        const output = openSync(log, "w");
        const enabled = features.length === 0 ? [] : [`--features=${features.join(",")}`];
        const database =
            place === undefined
                ? ["--db=dev-mem"]
                : [
                      "--db=dev-file",
                      `--db-url=jdbc:h2:file:${place.directory}/h2;NON_KEYWORDS=VALUE`,
                      // What version 25 takes whatever it is told.
                      ...["--db-username=sa", "--db-password=password"],
                  ];
        const options = [
            ...["start-dev", ...database, "--cache=local", "--http-host=127.0.0.1"],
            ...[`--http-port=${port}`, ...enabled],
        ];
        const [home] = (await run("ls", [directory])).split("\n").filter((name) => name !== "log");
        const child = spawn(join(directory, home!, "bin/kc.sh"), options, {
            // In the process group of the run, which an interruption ends.
            stdio: ["ignore", output, output],
            env: {
                PATH: process.env["PATH"],
                // The names of 25 and of 26.
                ...{ KEYCLOAK_ADMIN: "admin", KEYCLOAK_ADMIN_PASSWORD: password },
                ...{ KC_BOOTSTRAP_ADMIN_USERNAME: "admin", KC_BOOTSTRAP_ADMIN_PASSWORD: password },
                JAVA_OPTS_KC_HEAP: "-Xms64m -Xmx384m",
            },
        });
        closeSync(output);
        const keycloak = new KeycloakBeside(`http://127.0.0.1:${port}`, password, child, directory);
        await waitFor(download.title, startSeconds, () => keycloak.connect()).catch(
            async (error: unknown) => {
                const said = (await readFile(log, "utf8")).slice(-2000);
                await keycloak.stop();
                throw new Error(`${(error as Error).message}\n${said}`, { cause: error });
            },
        );
        return keycloak;
    }

    /** Logs in as administrator. */
    async connect(): Promise<KeycloakAdminClient> {
        const admin = new KeycloakAdminClient({ baseUrl: this.url });
        const { username, password } = this;
        await admin.auth({ grantType: "password", clientId: "admin-cli", username, password });
        return admin;
    }

    async stop(): Promise<void> {
        const { exitCode, signalCode } = this.#process;
        if (exitCode === null && signalCode === null) {
            const ended = once(this.#process, "exit");
            // Its launcher is replaced by the server, or passes the signal on.
            this.#process.kill("SIGTERM");
            await ended;
        }
        await rm(this.#directory, { recursive: true, maxRetries: 5 });
    }
}

async function findPort(): Promise<number> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    server.close();
    await once(server, "close");
    return port;
}
