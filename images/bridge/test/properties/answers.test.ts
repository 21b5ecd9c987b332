import assert from "node:assert/strict";
import fc from "fast-check";
import { envelope, type ServerDescription } from "../../src/stdio/handshake.ts";
import { carriedResult } from "../../src/mcp/translate/capabilities.ts";
import { writeOwn, writeSharedList } from "../../src/mcp/translate/toLegacy.ts";
import { removeEnvelope, writeNative, writeTranslated } from "../../src/mcp/translate/toModern.ts";
import { spliceAnswer } from "../../src/mcp/translate/spliceAnswer.ts";
import { isObject, type JsonObject } from "../../src/json/jsonRpc.ts";
import { joinText } from "../../src/json/text.ts";
import { jsonObject, text, write } from "./arbitraries.ts";

const childId = fc.nat();
const ownId = fc.oneof(fc.integer(), text);
const method = fc.constantFrom(
    "tools/call",
    "tools/list",
    "resources/read",
    "prompts/get",
    "completion/complete",
);
const description: ServerDescription = {
    era: "legacy",
    protocolVersion: "2025-11-25",
    capabilities: {},
    serverInfo: { name: 'a "server"', version: "1" },
};

/** The forms in which servers write an answer: the SDKs', and others. */
const answerLine = fc
    .tuple(childId, jsonObject, fc.nat(3), fc.boolean())
    .map(([id, result, form, spaced]) => {
        const forms = [
            { jsonrpc: "2.0", id, result },
            { result, jsonrpc: "2.0", id },
            { id, result, jsonrpc: "2.0" },
            { jsonrpc: "2.0", result, id },
        ];
        return { id, result, line: write(forms[form], spaced) };
    });

/** Results that list tools, some of which can run as tasks. */
const toolList = fc
    .array(fc.tuple(jsonObject, fc.boolean(), fc.boolean()), { maxLength: 4 })
    .map((tools) => ({
        tools: tools.map(([tool, tasks, other]) => ({
            ...tool,
            ...(tasks && { execution: { taskSupport: "optional", ...(other && { other }) } }),
        })),
    }));

describe("answers", () => {
    it("get the caller's id and keep every member, cut out of the server's text or not", () => {
        fc.assert(
            fc.property(answerLine, ownId, ({ id, result, line }, own) => {
                const expected = JSON.parse(JSON.stringify({ jsonrpc: "2.0", id: own, result }));
                for (const writeAnswer of [writeOwn, writeNative]) {
                    for (const given of [line, Buffer.from(line), undefined]) {
                        const call = { request: { id: own, method: "tools/call" }, description };
                        const { text } = writeAnswer(call, { result }, given, id);
                        assert.deepEqual(JSON.parse(joinText(text)), expected);
                    }
                }
            }),
        );
    });

    it("are cut out of the text whenever an SDK wrote it", () => {
        fc.assert(
            fc.property(childId, jsonObject, ownId, (id, result, own) => {
                for (const form of [
                    { jsonrpc: "2.0", id, result },
                    { result, jsonrpc: "2.0", id },
                ]) {
                    const line = JSON.stringify(form);
                    const spliced = spliceAnswer(line, id, own);
                    assert.ok(spliced !== undefined);
                    // Large answers are taken apart as bytes, to the same.
                    const bytes = spliceAnswer(Buffer.from(line), id, own);
                    assert.ok(bytes !== undefined && joinText(bytes) === spliced);
                }
            }),
        );
    });

    it("are the same for a client of 2026-07-28 by either way, and lose nothing", () => {
        fc.assert(
            fc.property(answerLine, ownId, method, ({ id, result, line }, own, method) => {
                const [spliced, bytes, written] = [line, Buffer.from(line), undefined].map(
                    (given) => {
                        const outcome = { result };
                        const call = { request: { id: own, method }, description };
                        const answer = writeTranslated(call, outcome, given, id);
                        return JSON.parse(joinText(answer.text)) as JsonObject;
                    },
                );
                assert.deepEqual(spliced, written);
                assert.deepEqual(bytes, written);
                const translated = written?.result as JsonObject;
                assert.equal(translated.resultType, "complete");
                for (const [key, value] of Object.entries(carriedResult(method, result))) {
                    if (key === "_meta" && isObject(value)) {
                        const meta = { ...value, [envelope.serverInfo]: description.serverInfo };
                        assert.deepEqual(translated._meta, meta);
                    } else if (key !== "_meta" && key !== "resultType") {
                        assert.deepEqual(translated[key], value);
                    }
                }
            }),
        );
    });

    it("that list tools lose the offer of tasks and nothing else", () => {
        fc.assert(
            fc.property(toolList, (result) => {
                const before = structuredClone(result);
                const call = { request: { id: 1, method: "tools/list" }, description };
                const { text } = writeSharedList(call, { result }, undefined, 1);
                const { tools } = (JSON.parse(joinText(text)) as { result: typeof result }).result;
                assert.deepEqual(result, before);
                assert.equal(tools.length, before.tools.length);
                tools.forEach((tool, index) => {
                    const { execution, ...rest } = before.tools[index] as JsonObject;
                    const { execution: left, ...kept } = tool as JsonObject;
                    assert.deepEqual(kept, JSON.parse(JSON.stringify(rest)));
                    const other = isObject(execution) && "other" in execution;
                    const { taskSupport, ...own } = isObject(execution) ? execution : {};
                    const tasks = taskSupport !== undefined;
                    assert.deepEqual(left, tasks ? (other ? own : undefined) : execution);
                });
            }),
        );
    });
});

describe("requests of 2026-07-28 for a server before", () => {
    const envelopeMeta = {
        [envelope.protocolVersion]: "2026-07-28",
        [envelope.clientCapabilities]: {},
        [envelope.logLevel]: "info",
    };

    it("lose the envelope and what belongs to a retry, and nothing else", () => {
        fc.assert(
            fc.property(jsonObject, fc.option(jsonObject), (given, ownMeta) => {
                const { _meta, inputResponses, requestState, ...own } = given;
                void [_meta, inputResponses, requestState];
                const params = {
                    ...own,
                    inputResponses: {},
                    requestState: "…",
                    _meta: { ...envelopeMeta, ...ownMeta },
                };
                const before = structuredClone(params);
                const carried = removeEnvelope(params);
                const kept = Object.keys(ownMeta ?? {}).length > 0;
                assert.deepEqual(carried, { ...own, ...(kept && { _meta: ownMeta }) });
                assert.deepEqual(params, before);
            }),
        );
    });
});
