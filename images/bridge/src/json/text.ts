/** A text on its way out: itself, or the bytes of its parts when it is so large that putting them together would cost. */
export type Text = string | readonly Buffer[];

/** A line a server wrote, without its end: its text, or its bytes when it is large. */
export type Line = string | Buffer;

/** Length from which texts stay bytes as far as can be, in bytes: for less, taking them apart costs more than it saves. */
export const largeText = 32 * 1024;

/** The text as one. */
export function joinText(text: Text): string {
    return typeof text === "string" ? text : Buffer.concat(text).toString("utf8");
}
