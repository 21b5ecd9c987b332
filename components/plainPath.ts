/** Whether a path is absolute and made of characters that mean the same in a URL, a probe and a gateway's rules. */
export function isPlainPath(path: string): boolean {
    return /^(\/[A-Za-z0-9._~-]+)+$/.test(path) && !/\/\.{1,2}(\/|$)/.test(path);
}
