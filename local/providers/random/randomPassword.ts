import { hash } from "bcryptjs";
import { randomInt } from "node:crypto";

import { frozenType } from "../protocol/frozenType.ts";
import { textOf } from "../protocol/values.ts";
import type { Values } from "../protocol/values.ts";
import { refuseCount } from "./refuseCount.ts";

const lower = "abcdefghijklmnopqrstuvwxyz";
const upper = lower.toUpperCase();
const digits = "0123456789";
const special = "!@#$%&*()-_=+[]{}<>:?";

interface Alphabet {
    characters: string;
    used: boolean;
    atLeast: number;
}

/** `random.RandomPassword`. */
export const randomPasswordType = frozenType({
    defaults: {
        lower: true,
        upper: true,
        numeric: true,
        special: true,
        minLower: 0,
        minUpper: 0,
        minNumeric: 0,
        minSpecial: 0,
    },
    outputs: ["bcryptHash", "result"],
    secretOutputs: ["bcryptHash", "result"],
    refuse: (inputs) => [...refuseCount("length", inputs.length), ...refuseMinima(inputs)],
    make: async (inputs) => {
        const result = makePassword(Number(inputs.length), alphabetsOf(inputs));
        return { id: "none", outputs: { result, bcryptHash: await hash(result, 10) } };
    },
});

function alphabetsOf(inputs: Values): Alphabet[] {
    const entry = (characters: string, used: boolean, atLeast: unknown): Alphabet => ({
        characters,
        used,
        atLeast: Number(atLeast),
    });
    // `number` is the old name of `numeric` and takes precedence, as in the official provider.
    const numeric = (inputs.number ?? inputs.numeric) !== false;
    return [
        entry(lower, inputs.lower !== false, inputs.minLower),
        entry(upper, inputs.upper !== false, inputs.minUpper),
        entry(digits, numeric, inputs.minNumeric),
        entry(
            textOf(inputs, "overrideSpecial") ?? special,
            inputs.special !== false,
            inputs.minSpecial,
        ),
    ];
}

function refuseMinima(inputs: Values): { property: string; reason: string }[] {
    const alphabets = alphabetsOf(inputs);
    const total = alphabets.reduce((sum, { atLeast }) => sum + atLeast, 0);
    const problems = [];
    if (typeof inputs.length === "number" && inputs.length < total) {
        const reason = `must be at least ${total}, the sum of the 'min…' properties, got '${inputs.length}'`;
        problems.push({ property: "length", reason });
    }
    if (!alphabets.some(({ used }) => used)) {
        const reason = "leaves no character to choose from: allow lower, upper, numeric or special";
        problems.push({ property: "special", reason });
    }
    return problems;
}

function makePassword(length: number, alphabets: readonly Alphabet[]): string {
    const all = alphabets.map(({ characters, used }) => (used ? characters : "")).join("");
    const chosen = alphabets.flatMap(({ characters, atLeast }) => choose(characters, atLeast));
    chosen.push(...choose(all, length - chosen.length));
    for (let index = chosen.length - 1; index > 0; index -= 1) {
        const other = randomInt(index + 1);
        [chosen[index], chosen[other]] = [chosen[other] ?? "", chosen[index] ?? ""];
    }
    return chosen.join("");
}

function choose(characters: string, count: number): string[] {
    return Array.from({ length: count }, () => characters.charAt(randomInt(characters.length)));
}
