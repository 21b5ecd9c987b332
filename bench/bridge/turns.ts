/** The bridges in the order of a round: each round begins with another, so that none always follows the same one. */
export function bridgesInTurn<T>(bridges: T[], round: number): T[] {
    const first = (round - 1) % Math.max(1, bridges.length);
    return [...bridges.slice(first), ...bridges.slice(0, first)];
}
