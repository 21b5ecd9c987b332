/** A pattern that no engine takes linear time for: it looks around itself, or back at what it found. */
export class UnsupportedPattern extends Error {
    constructor(pattern: string) {
        super(`no engine compares the pattern '${pattern}' in linear time`);
    }
}

/** The texts of a call are so long for the patterns of its tool that others would have to wait. */
export class TooManySteps extends Error {
    override message = "must be shorter, or the patterns of the tool's schema would take too long";
}
