/** Runs one bench: `npm run bench -- NAME [options]`. */
const benches: Record<string, () => Promise<{ run(args: string[]): Promise<number> }>> = {
    gateway: () => import("./gateway/run.ts"),
    bridge: () => import("./bridge/run.ts"),
    gateway1000: () => import("./gateway1000/run.ts"),
    platform: () => import("./platform/run.ts"),
};

const [name = "", ...args] = process.argv.slice(2);
const load = benches[name];
if (name === "--help" || name === "-h") {
    console.log(`usage: npm run bench -- ${Object.keys(benches).join(" | ")} [options]`);
} else if (load === undefined) {
    console.error(
        `bench: must be one of ${Object.keys(benches).join(", ")}, got '${name}'; e.g. 'npm run bench -- bridge --quick'`,
    );
    process.exitCode = 2;
} else {
    process.exitCode = await (await load()).run(args);
}
