/** Says what is wrong with a whole number that was given as text; the empty text stands for the default. */
export function findNumberProblem(name: string, text: string, max: number): string[] {
    return /^\d*$/.test(text) && Number(text) <= max
        ? []
        : [`${name}: must be a whole number from 0 to ${max}, got '${text}'`];
}
