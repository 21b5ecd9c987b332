import { findNumberProblem } from "../findNumberProblem.ts";
import { createLog } from "../log.ts";
import { trustCertificates } from "./trustCertificates.ts";
import { startVerifier } from "./verifier.ts";
import { readVerifierConfig } from "./verifierConfig.ts";

async function serve(): Promise<void> {
    const portText = process.env.PORT ?? "";
    const [portProblem] = findNumberProblem("PORT", portText, 65_535);
    if (portProblem !== undefined) {
        throw new Error(portProblem);
    }
    const config = readVerifierConfig(process.env.SLIPWAY_VERIFIER_FILE);
    if (config.caFile !== undefined) {
        trustCertificates(config.caFile);
    }
    const log = createLog("slipway-verifier");
    const verifier = await startVerifier(config, portText === "" ? 8080 : Number(portText), log);
    log("info", "listening", { port: verifier.port, issuer: config.issuer });
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
        process.once(signal, () => void verifier.close());
    }
}

serve().catch((error: unknown) => {
    process.stderr.write(`slipway-verifier: cannot start: ${(error as Error).message}\n`);
    process.exitCode = 2;
});
