import { closestMatch } from "leven";

/** Ends a sentence about a misspelt word with the nearest candidate; empty when none is within two edits. */
export function didYouMean(word: string, candidates: string[]): string {
    // Two edits turn any word of two letters into any other.
    const long = candidates.filter((candidate) => candidate.length > 2);
    const nearest = closestMatch(word, long, { maxDistance: 2 });
    return nearest === undefined ? "" : `; did you mean '${nearest}'?`;
}
