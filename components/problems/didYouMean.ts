/** The candidate a misspelt word was probably meant to be: at most two letters away, or none. */
export function findNearest(word: string, candidates: string[]): string | undefined {
    const near = candidates
        .map((candidate) => ({ candidate, distance: editDistance(word, candidate) }))
        .filter(({ distance, candidate }) => distance <= 2 && distance < candidate.length)
        .sort((left, right) => left.distance - right.distance);
    return near[0]?.candidate;
}

/** Letters to insert, delete or replace, case counted. */
function editDistance(from: string, to: string): number {
    let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
    for (const [row, letter] of [...from].entries()) {
        const current = [row + 1];
        for (const [column, wanted] of [...to].entries()) {
            current.push(
                Math.min(
                    (previous[column + 1] ?? 0) + 1,
                    (current[column] ?? 0) + 1,
                    (previous[column] ?? 0) + (letter === wanted ? 0 : 1),
                ),
            );
        }
        previous = current;
    }
    return previous[to.length] ?? 0;
}
