/** Numbers of test results. */
export interface Counts {
    passed: number;
    failed: number;
    skipped: number;
}

/** Runs a check outside a test suite. It counts as one test and prints a line. */
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
