import { findNumberProblem } from "../options/findNumberProblem.ts";
import { createLog } from "../log/log.ts";
import { trustCertificates } from "./trustCertificates.ts";
import { startVerifier } from "./verifier.ts";
import { readVerifierConfig } from "./verifierConfig.ts";

async function serve(): Promise<void> {
    const ports = {
        gateway: readPort("PORT", 8080),
        management: readPort("SLIPWAY_MANAGEMENT_PORT", 8081),
    };
    const config = readVerifierConfig(process.env.SLIPWAY_VERIFIER_FILE);
    if (config.caFile !== undefined) {
        trustCertificates(config.caFile);
    }
    const log = createLog("slipway-verifier");
    const verifier = await startVerifier(config, ports, log);
    const { port, managementPort } = verifier;
    log("info", "listening", { port, managementPort, issuer: config.issuer });
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
        process.once(signal, () => void verifier.close());
    }
}

function readPort(name: string, usual: number): number {
    const text = process.env[name] ?? "";
    const [problem] = findNumberProblem(name, text, 65_535);
    if (problem !== undefined) {
        throw new Error(problem);
    }
    return text === "" ? usual : Number(text);
}

serve().catch((error: unknown) => {
    process.stderr.write(`slipway-verifier: cannot start: ${(error as Error).message}\n`);
    process.exitCode = 2;
});
