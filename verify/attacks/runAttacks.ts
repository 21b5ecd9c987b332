import type { Attack, AttackTarget, Verdict } from "./attack.ts";
import { describeOutcome, judge } from "./attack.ts";

/** One attack and how the gateway dealt with it. */
export interface AttackResult {
    attack: Attack;
    verdict: Verdict | "not applicable";
    /** Statuses that came back, or the error of a connection that could not be made. */
    got: string;
}

/** Attacks at the same time; slow ones spend their time waiting. */
const concurrency = 16;

/**
 * Runs attacks against a target and prints one line per attack, in the order of the table. Attacks whose precondition the
 * target lacks are `not applicable`.
 */
export async function runAttacks(
    target: AttackTarget,
    attacks: Attack[],
    print: (line: string) => void = console.log,
): Promise<AttackResult[]> {
    const results: AttackResult[] = [];
    // Slow attacks first: they take as long as all others together.
    const order = attacks
        .map((attack, index) => ({ attack, index }))
        .sort((a, b) => Number(b.attack.slow === true) - Number(a.attack.slow === true));
    const worker = async () => {
        for (let next = order.shift(); next !== undefined; next = order.shift()) {
            results[next.index] = await runAttack(target, next.attack);
        }
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
    for (const result of results) print(describeResult(result));
    print(summarize(results));
    return results;
}

/** Throws when an attack was let through or answered otherwise than expected. */
export function refuseFailures(results: AttackResult[]): void {
    const failed = results.filter(({ verdict }) => isFailure(verdict));
    if (failed.length === 0) return;
    const lines = failed.map((result) => `\n  - ${describeResult(result)}`);
    throw new Error(`${summarize(results)}${lines.join("")}`);
}

async function runAttack(target: AttackTarget, attack: Attack): Promise<AttackResult> {
    if (attack.needs !== undefined && target[attack.needs] === undefined) {
        return { attack, verdict: "not applicable", got: `needs ${attack.needs}` };
    }
    try {
        const outcome = await attack.send(target);
        return { attack, verdict: judge(attack, outcome), got: describeOutcome(outcome) };
    } catch (error) {
        return { attack, verdict: "differs", got: (error as Error).message };
    }
}

function isFailure(verdict: AttackResult["verdict"]): boolean {
    return verdict === "differs" || verdict === "let through";
}

function describeResult({ attack, verdict, got }: AttackResult): string {
    const sign = isFailure(verdict) ? "✖" : verdict === "as expected" ? "✔" : "–";
    const expected = isFailure(verdict) ? `, expected ${attack.expected.join(" or ")}` : "";
    const loud = verdict === "let through" ? ", LET THROUGH" : "";
    return `${sign} ${attack.group.padEnd(10)} ${attack.name.padEnd(64)} ${got}${expected}${loud}`;
}

function summarize(results: AttackResult[]): string {
    const count = (verdict: AttackResult["verdict"]) =>
        results.filter((result) => result.verdict === verdict).length;
    return [
        `${results.length} attacks: ${count("as expected")} as expected`,
        `${count("differs")} answered otherwise`,
        `${count("let through")} let through`,
        `${count("not applicable")} not applicable`,
    ].join(", ");
}
