/** Results of tests. */
export interface Counts {
    passed: number;
    failed: number;
    skipped: number;
}

/** The result of one check that is not a test suite; it counts as one test, and prints a line. */
export async function countCheck(title: string, body: () => Promise<boolean>): Promise<Counts> {
    const started = Date.now();
    const passed = await body().catch((error: unknown) => {
        console.error((error as Error).message);
        return false;
    });
    const seconds = ((Date.now() - started) / 1000).toFixed(0);
    console.log(`${passed ? "✔" : "✖"} ${title} (${seconds} s)`);
    return { passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0 };
}
