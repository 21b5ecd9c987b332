import { isValues, objectOf, textOf } from "../protocol/values.ts";
import type { Values } from "../protocol/values.ts";
import type { Entity } from "./entity.ts";
import { multiAttributes, plain, set } from "./field.ts";

const realmOf = (inputs: Values): string => textOf(inputs, "realmId") ?? "";
const named = (inputs: Values): string =>
    `user '${textOf(inputs, "username")}' of realm '${realmOf(inputs)}'`;

/** `keycloak.User`, without federated identities. The password is set by the creation only. */
export const userEntity: Entity = {
    noun: "user",
    fields: [
        plain("username"),
        plain("email"),
        plain("emailVerified"),
        plain("firstName"),
        plain("lastName"),
        plain("enabled"),
        set("requiredActions"),
        multiAttributes(),
    ],
    otherInputs: ["realmId", "import", "initialPassword"],
    defaults: { emailVerified: false, enabled: true, import: false },
    required: ["realmId", "username"],
    findProblems: ({ import: existing, username }) => [
        ...(existing === true ? [{ property: "import", reason: "must be false, got true" }] : []),
        ...(typeof username === "string" && username !== username.toLowerCase()
            ? [{ property: "username", reason: `must be lower case, got '${username}'` }]
            : []),
    ],
    autoname: "username",
    createOnly: ["initialPassword"],
    replaceOn: ["realmId", "username"],
    outputs: [],
    create: async (connection, inputs, representation) => {
        const [realm, username] = [realmOf(inputs), textOf(inputs, "username") ?? ""];
        const findId = async (): Promise<string> => {
            const [user] = await connection.run(`read ${named(inputs)}`, (keycloak) =>
                keycloak.users.find({ realm, username, exact: true }),
            );
            return user?.id ?? "";
        };
        await connection.create(
            `create ${named(inputs)}`,
            (keycloak) => keycloak.users.create({ ...representation, realm }),
            findId,
        );
        const id = await findId();
        const { temporary = false, ...password } = objectOf(inputs, "initialPassword");
        const value = textOf(password, "value");
        if (value !== undefined) {
            const credential = {
                type: "password",
                value,
                temporary: temporary === true,
            };
            await connection.run(`set the password of ${named(inputs)}`, (keycloak) =>
                keycloak.users.resetPassword({ realm, id, credential }),
            );
        }
        return id;
    },
    find: (connection, inputs, id) =>
        connection.run(`read ${named(inputs)}`, async (keycloak) => {
            const found: unknown = await keycloak.users.findOne({ realm: realmOf(inputs), id });
            return isValues(found) ? found : undefined;
        }),
    update: (connection, inputs, id, representation) =>
        connection.run(`update ${named(inputs)}`, (keycloak) =>
            keycloak.users.update({ realm: realmOf(inputs), id }, representation),
        ),
    remove: (connection, inputs, id) =>
        connection.run(`delete ${named(inputs)}`, (keycloak) =>
            keycloak.users.del({ realm: realmOf(inputs), id }),
        ),
};
