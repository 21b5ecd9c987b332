import { serverDefaults } from "../components/server/defaults.ts";
import { parseOutputs } from "../verify/outputs.ts";
import { verifyStack } from "../verify/verifyStack.ts";
import { readArguments } from "./arguments.ts";
import { describeCommand, type Target } from "./commands.ts";
import { InterruptedError } from "./engineCommand.ts";
import { describeError, showEngine } from "./engineOutput.ts";
import { FailedServers } from "./failedServers.ts";
import { runScript } from "./script.ts";
import { openStack, readOutputs, type OpenedStack } from "./stack.ts";
import { prepareTarget, targetOptions, targetUsage } from "./target.ts";

/** Longest time that replaced pods still answer: they drain, and endpoints and connections follow a little later. */
const settleMs = (serverDefaults.drainSeconds + 5) * 1000;

await runScript(async () => {
    const { values } = readArguments(`npm run up -- [--refresh] ${targetUsage}`, {
        ...targetOptions,
        // Puts back what was changed or removed by hand, of which the state knows nothing.
        refresh: { type: "boolean", default: false },
    });
    const began = Date.now();
    const target = await prepareTarget(values);
    const { stack, close } = await openStack(target);
    try {
        console.log(`\npulumi up of stack '${stack.name}'`);
        const { changed, failed } = await deploy(stack, values.refresh);
        const outputs = parseOutputs(await readOutputs(stack));
        console.log("\ncalling every server through its public URL");
        const endpoints = Object.entries(outputs.endpoints).filter(
            ([server]) => !failed.includes(server),
        );
        const verified = { ...outputs, endpoints: Object.fromEntries(endpoints) };
        await verifyStack(verified, { patienceMs: changed ? settleMs : 0 });
        if (failed.length > 0) throw new Error(describeFailed(failed, endpoints.length, values));
        const seconds = ((Date.now() - began) / 1000).toFixed(0);
        console.log(
            `\nstack '${stack.name}': ${endpoints.length} servers are deployed and answer; it took ${seconds} s`,
        );
        const [client = "CLIENT"] = Object.keys(outputs.clients);
        const next = [
            describeCommand("connect", values, "CLIENT", "[SERVER]"),
            describeCommand("token", values, client),
            describeCommand("down", values),
        ];
        console.log(`next: ${next.join(", ")}`);
    } finally {
        await close();
    }
});

interface Deployed {
    /** Whether the update changed anything. */
    changed: boolean;
    /** Names of the servers that failed while everything else was deployed. */
    failed: string[];
}

async function deploy(stack: OpenedStack["stack"], refresh: boolean): Promise<Deployed> {
    const failures = new FailedServers();
    try {
        const { summary } = await stack.up({
            refresh,
            ...showEngine(failures.note),
            // Certificates and configuration texts would fill the screen; `npm run outputs` has them.
            suppressOutputs: true,
            // One server that fails does not keep the others from being deployed.
            continueOnError: true,
        });
        const kinds = Object.keys(summary.resourceChanges ?? {});
        return { changed: kinds.some((kind) => kind !== "same"), failed: [] };
    } catch (error) {
        const failed = failures.names ?? [];
        if (failed.length === 0 || error instanceof InterruptedError) throw error;
        console.error(`\n${describeError(error)}`);
        return { changed: true, failed };
    }
}

function describeFailed(failed: string[], verified: number, target: Target): string {
    const names = failed.map((name) => `'${name}'`).join(", ");
    const rest = verified === 0 ? "" : `; ${verified} deployed and verified`;
    const count = failed.length === 1 ? "server" : `${failed.length} servers`;
    return `${count} ${names} failed for the reasons above${rest}; correct the causes, then ${describeCommand("up", target)}`;
}
