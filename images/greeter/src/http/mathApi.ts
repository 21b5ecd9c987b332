import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";

import { readCaller, type ToolCalls } from "../toolCalls.ts";

const operands = z
    .strictObject({ a: z.number().openapi({ example: 2 }), b: z.number().openapi({ example: 3 }) })
    .openapi("Operands");
const sum = z.object({ result: z.number().openapi({ example: 5 }) }).openapi("Sum");
export const problems = z
    .object({
        detail: z.array(
            z.object({ loc: z.array(z.union([z.string(), z.number()])), msg: z.string() }),
        ),
    })
    .openapi("Problems");

const json = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
    description,
    content: { "application/json": { schema } },
});

const addition = createRoute({
    method: "post",
    path: "/math/tools/add",
    summary: "Adds two numbers",
    request: { body: { ...json(operands, "The numbers"), required: true } },
    responses: {
        200: json(sum, "Their sum"),
        422: json(problems, "What is wrong with the request"),
        429: { description: "Too many requests" },
    },
});

/** Adds `POST /math/tools/add`, a tool as plain REST. */
export function addMathApi(app: OpenAPIHono, calls: ToolCalls): void {
    app.openapi(addition, async (context) => {
        const { a, b } = context.req.valid("json");
        const caller = readCaller(context.req.raw.headers);
        const result = await calls.run({ server: "math", tool: "add" }, caller, () => a + b);
        return context.json({ result }, 200);
    });
}
