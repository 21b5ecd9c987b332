import type { Values } from "../protocol/values.ts";
import { isValues, textOf } from "../protocol/values.ts";
import type { Entity } from "./entity.ts";
import { multiAttributes, plain } from "./field.ts";

const realmOf = (inputs: Values): string => textOf(inputs, "realmId") ?? "";
const named = (inputs: Values): string =>
    `role '${textOf(inputs, "name")}' of realm '${realmOf(inputs)}'`;

/** `keycloak.Role` of a realm, without composites. */
export const roleEntity: Entity = {
    noun: "role",
    fields: [plain("name"), plain("description"), multiAttributes()],
    otherInputs: ["realmId", "import"],
    defaults: { import: false },
    required: ["realmId"],
    findProblems: ({ import: existing }) =>
        existing === true ? [{ property: "import", reason: "must be false, got true" }] : [],
    autoname: "name",
    replaceOn: ["realmId"],
    outputs: [],
    create: async (connection, inputs, representation) => {
        const [realm, name] = [realmOf(inputs), textOf(inputs, "name") ?? ""];
        await connection.create(
            `create ${named(inputs)}`,
            (keycloak) => keycloak.roles.create({ ...representation, realm }),
            (keycloak) => keycloak.roles.findOneByName({ realm, name }),
        );
        const role = await connection.run(`read ${named(inputs)}`, (keycloak) =>
            keycloak.roles.findOneByName({ realm, name }),
        );
        return role?.id ?? "";
    },
    find: (connection, inputs, id) =>
        connection.run(`read ${named(inputs)}`, async (keycloak) => {
            const found: unknown = await keycloak.roles.findOneById({ realm: realmOf(inputs), id });
            return isValues(found) ? found : undefined;
        }),
    update: (connection, inputs, id, representation) =>
        connection.run(`update ${named(inputs)}`, (keycloak) =>
            keycloak.roles.updateById({ realm: realmOf(inputs), id }, representation),
        ),
    remove: (connection, inputs, id) =>
        connection.run(`delete ${named(inputs)}`, (keycloak) =>
            keycloak.roles.delById({ realm: realmOf(inputs), id }),
        ),
};
