import assert from "node:assert/strict";

import { programAddresses } from "../../../components/identity/interactiveAccess.ts";
import {
    findInteractiveProblems,
    findRedirectProblems,
} from "../../../components/identity/interactiveRules.ts";

const redirects: { uri: string; refused?: RegExp }[] = [
    { uri: "https://chat.example.org/callback" },
    { uri: "http://localhost/callback" },
    { uri: "http://127.0.0.1:33418/" },
    { uri: "http://[::1]/callback" },
    { uri: "http://localhost/callback/*" },
    { uri: "cursor://anysphere.cursor-mcp/oauth/callback" },
    { uri: "org.example.app:/done" },
    { uri: "/callback", refused: /absolute/ },
    { uri: "*", refused: /absolute/ },
    { uri: "https://*.example.org/callback", refused: /one host, without '\*'/ },
    { uri: "https://chat.example.org/*", refused: /must be exact/ },
    { uri: "http://localhost/*/callback", refused: /must be exact/ },
    { uri: "app:/*", refused: /must be exact/ },
    { uri: "http://chat.example.org/callback", refused: /must have https/ },
    { uri: "http://localhost.example.org/callback", refused: /must have https/ },
    { uri: "https://chat.example.org/callback#done", refused: /fragment/ },
    { uri: "https://me:secret@chat.example.org/callback", refused: /user or password/ },
    { uri: "javascript:alert(1)", refused: /scheme of the program's own/ },
    { uri: "data:text/html,hello", refused: /scheme of the program's own/ },
];

describe("findRedirectProblems", () => {
    for (const { uri, refused } of redirects) {
        it(`${refused === undefined ? "accepts" : "refuses"} '${uri}'`, () => {
            const [problem, ...others] = findRedirectProblems("redirectUris[0]", uri);
            assert.deepEqual(others, []);
            assert.match(problem?.reason ?? "", refused ?? /^$/);
        });
    }

    it("accepts the redirect URIs of every program", () => {
        const all = Object.values(programAddresses).flatMap((program) => program.redirectUris);
        assert.deepEqual(
            all.flatMap((uri) => findRedirectProblems("redirects", uri)),
            [],
        );
    });
});

describe("findInteractiveProblems", () => {
    const origins = {
        "https://chat.example.org": true,
        "http://localhost:6274": true,
        "https://chat.example.org/": false,
        "https://*.example.org": false,
        "*": false,
        "+": false,
        null: false,
    };
    for (const [origin, isValid] of Object.entries(origins)) {
        it(`${isValid ? "accepts" : "refuses"} the web origin '${origin}'`, () => {
            const problems = findInteractiveProblems(
                { redirects: ["inspector"], webOrigins: [origin] },
                { servers: [], machines: [] },
            );
            assert.deepEqual(
                problems.map(({ path }) => path),
                isValid ? [] : ["webOrigins[0]"],
            );
        });
    }
});
