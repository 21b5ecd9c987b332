import assert from "node:assert/strict";
import { traceMeta } from "../../src/observe/traceMeta.ts";

const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const tracestate = "rojo=00f067aa0ba902b7, tenant@congo=t61rcWkgMzE";
const baggage = "userId=alice,serverNode=DF%2028;ttl=3;private, isProduction=false";

describe("trace context in _meta", () => {
    it("is the HTTP request's where _meta has none", () => {
        const headers = { traceparent, tracestate, baggage };
        assert.deepEqual(traceMeta(headers, undefined), headers);
        assert.deepEqual(traceMeta(headers, { progressToken: 1 }), headers);
        assert.deepEqual(traceMeta({ traceparent }, {}), { traceparent });
        assert.deepEqual(traceMeta({ baggage }, {}), { baggage });
    });

    it("is nothing where there is nothing to add", () => {
        assert.equal(traceMeta({ host: "localhost" }, undefined), undefined);
        assert.equal(traceMeta({ tracestate }, undefined), undefined);
        const own = { traceparent: "own", baggage: "own" };
        assert.equal(traceMeta({ traceparent, tracestate, baggage }, own), undefined);
    });

    it("never mixes the client's own with the HTTP request's", () => {
        const headers = { traceparent, tracestate, baggage };
        assert.deepEqual(traceMeta(headers, { traceparent: "own" }), { baggage });
        assert.deepEqual(traceMeta(headers, { baggage: "own" }), { traceparent, tracestate });
        assert.deepEqual(traceMeta(headers, { tracestate: "own" }), { traceparent, baggage });
    });

    for (const [why, wrong] of Object.entries({
        "upper case": traceparent.toUpperCase(),
        "no trace id": "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "no parent id": "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "version ff": traceparent.replace("00", "ff"),
        "unknown version": traceparent.replace("00", "01"),
        "something behind": `${traceparent}-more`,
        "line feed": `${traceparent}\n`,
        "sent twice": `${traceparent}, ${traceparent}`,
        short: traceparent.slice(0, -1),
        empty: "",
    })) {
        it(`has no malformed traceparent: ${why}`, () => {
            assert.equal(traceMeta({ traceparent: wrong, tracestate }, undefined), undefined);
        });
    }

    for (const [why, wrong] of Object.entries({
        "no value": "rojo",
        "upper case key": "Rojo=1",
        "control character": "rojo=1\u0001",
        "line feed": "rojo=1\n",
        "equals sign in a value": "rojo=1=2",
        "one bad member": "rojo=1,=2",
        "33 members": Array.from({ length: 33 }, (_, index) => `k${index}=1`).join(),
        "longer than 512 characters": `rojo=${"1".repeat(200)},a=${"1".repeat(200)},b=${"1".repeat(200)}`,
        empty: " , ",
    })) {
        it(`has no malformed tracestate: ${why}`, () => {
            assert.deepEqual(traceMeta({ traceparent, tracestate: wrong }, {}), { traceparent });
        });
    }

    for (const [why, wrong] of Object.entries({
        "no value": "userId",
        "space in a value": "userId=al ice",
        quotes: 'userId="alice"',
        "not ASCII": "userId=älice",
        "space in a key": "user id=alice",
        "bad property": "userId=alice;=1",
        "65 members": Array.from({ length: 65 }, (_, index) => `k${index}=1`).join(),
        "longer than 8192 characters": `k=${"1".repeat(8191)}`,
        empty: "",
    })) {
        it(`has no malformed baggage: ${why}`, () => {
            assert.equal(traceMeta({ baggage: wrong }, {}), undefined);
        });
    }

    it("takes no time to speak of with the worst of headers", () => {
        const fillers = ["a", "=", ";", " ", "a=", "a;", "a@", " =", ";a=", "\t;"];
        const passes = Array.from({ length: 5 }, () => {
            const start = process.cpuUsage();
            for (const filler of fillers) {
                const long = filler.repeat(16_384 / filler.length);
                traceMeta({ traceparent: long, tracestate: long, baggage: long }, {});
                const most = `a=1${filler.repeat(8192 / filler.length).slice(0, 8188)}"`;
                traceMeta({ traceparent, tracestate: most.slice(-512), baggage: most }, {});
            }
            return process.cpuUsage(start).user;
        });
        // The first is slower: it compiles.
        assert.ok(Math.min(...passes) < 8000, `${passes.join()} µs`);
    });
});
