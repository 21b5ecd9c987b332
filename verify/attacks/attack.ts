/** A response as it came over the wire. */
export interface Answer {
    status: number;
    /** Header fields with names in lower case; repeated fields are joined with ', '. */
    headers: Record<string, string>;
    body: string;
}

/** Result of one attack. */
export interface Outcome {
    /** Final responses in order; interim ones (1xx) are left out. */
    answers: Answer[];
    /** Whether the gateway closed the connection or reset the stream. */
    closed: boolean;
}

/** Where the attacks go, and the credentials that they forge or misuse. */
export interface AttackTarget {
    /** Public URL of the attacked MCP endpoint. */
    url: URL;
    /** Access token that the endpoint accepts. */
    token: string;
    /** Access token of the same issuer for another server. */
    otherToken?: string;
    /** Access token for the endpoint that expires within seconds. */
    shortToken?: string;
    /** Access token for the endpoint from an issuer that the gateway does not trust. */
    foreignToken?: string;
    /** A tool call whose token lacks the tool's scope. */
    unscoped?: { url: URL; token: string; tool: string };
    /** A server with a REST API (`/tools`, `/call`). */
    rest?: { url: URL; token: string };
    /** A server that keeps sessions, and the tokens of two clients that may call it. */
    sessions?: { url: URL; owner: string; thief: string };
    /** A server whose tool `request_headers` returns the headers that reached it. */
    echo?: { url: URL; token: string };
}

/** A status, or `closed` for a connection that ends without a response. */
export type Refusal = number | "closed";

/** One case of the attack table. */
export interface Attack {
    /** Heading of the case, such as `tokens`. */
    group: string;
    /** What is sent, in the words of the HTTP and OAuth documents. */
    name: string;
    /** Acceptable outcomes: every response must have one of these statuses. */
    expected: Refusal[];
    /**
     * Whether the caller is entitled to a result, which then is expected.
     *
     * @default false: a response with the result of a call means that the attack succeeded
     */
    legitimate?: boolean;
    /**
     * Text that no response may contain, headers included.
     *
     * @default none besides the result of a call
     */
    forbidden?: RegExp;
    /**
     * What the target must have for this case.
     *
     * @default nothing: the case applies to every target
     */
    needs?: keyof AttackTarget;
    /**
     * Whether it takes more than ten seconds, most of them waiting.
     *
     * @default false
     */
    slow?: boolean;
    send(target: AttackTarget): Promise<Outcome>;
}

/** How the gateway dealt with an attack. */
export type Verdict = "as expected" | "differs" | "let through";

const callResult = /"result"\s*:/;

/** Compares an outcome with the expectation. A result that no caller was entitled to counts before any status. */
export function judge(attack: Attack, { answers, closed }: Outcome): Verdict {
    const reached = answers.some(({ body }) => callResult.test(body));
    if (reached && attack.legitimate !== true) return "let through";
    const text = answers.map(({ headers, body }) => `${JSON.stringify(headers)}\n${body}`);
    if (attack.forbidden !== undefined && attack.forbidden.test(text.join("\n"))) {
        return "let through";
    }
    if (answers.length === 0) {
        return closed && attack.expected.includes("closed") ? "as expected" : "differs";
    }
    const fits = answers.every(
        ({ status, body }) =>
            attack.expected.includes(status) &&
            (attack.legitimate !== true || status !== 200 || callResult.test(body)),
    );
    return fits ? "as expected" : "differs";
}

/** What came back, for the table: statuses, `closed` or `no answer`. */
export function describeOutcome({ answers, closed }: Outcome): string {
    if (answers.length > 0) return answers.map(({ status }) => status).join(", ");
    return closed ? "closed" : "no answer";
}
