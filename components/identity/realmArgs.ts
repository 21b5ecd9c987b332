/** How long tokens and logins last in a created realm. */
export interface TokenLifetimes {
    /**
     * Minutes until an access token expires. Revoked access lasts as long, as tokens are verified by signature.
     *
     * @default `identityDefaults.lifetimes.accessTokenMinutes`
     */
    accessTokenMinutes?: number;
    /**
     * Hours without any use after which people log in again.
     *
     * @default `identityDefaults.lifetimes.sessionIdleHours`
     */
    sessionIdleHours?: number;
    /**
     * Hours after which people log in again in any case.
     *
     * @default `identityDefaults.lifetimes.sessionMaxHours`
     */
    sessionMaxHours?: number;
    /**
     * Days without any use after which an offline token (scope `offline_access`) ends.
     *
     * @default `identityDefaults.lifetimes.offlineIdleDays`
     */
    offlineIdleDays?: number;
    /**
     * Days after which an offline token ends in any case.
     *
     * @default `identityDefaults.lifetimes.offlineMaxDays`
     */
    offlineMaxDays?: number;
    /**
     * How often a refresh token may be used again after it was replaced. 0 is full rotation (OAuth 2.1 for public
     * clients); 1 forgives a program that lost an answer, or runs twice with one token.
     *
     * @default `identityDefaults.lifetimes.refreshTokenReuse`
     */
    refreshTokenReuse?: number;
}

/** Protection of a created realm against guessed passwords. */
export interface BruteForceProtection {
    /**
     * Failed logins of one user before each further one makes the user wait.
     *
     * @default `identityDefaults.bruteForce.maxLoginFailures`
     */
    maxLoginFailures?: number;
    /**
     * Longest wait, in minutes.
     *
     * @default `identityDefaults.bruteForce.maxWaitMinutes`
     */
    maxWaitMinutes?: number;
}
