/**
 * Which file may import which: `npm run check` fails on any other import. Types count, as a type that closes a circle
 * shows that two concepts are one.
 */

/** Folders of components/, each of which may import those before it. */
const layers = ["problems", "pods", "image", "identity", "gateways", "server", "clients"];

/** Folders of images/bridge/src, each of which may import those before it. */
const bridgeLayers = [
    ...["json", "collections", "log", "auth", "stdio", "policy", "options", "http", "replicas"],
    ...["processes", "calls", "observe", "mcp", "rest", "app"],
];

/** Every component with the files that may import it besides `components/index.ts`. */
const parents = {
    "image/serverImage": [],
    "identity/identity": [],
    "identity/machineClient": ["identity/identity"],
    "identity/interactiveClient": ["identity/identity"],
    "gateways/tokenVerifier": ["gateways/[^/]+/[^/]+Gateway", "gateways/verification"],
    "gateways/[^/]+/[^/]+Gateway": ["gateways/createGateway"],
    "server/serverNamespace": [],
    "server/mcpServer": [],
    "server/deployment/serverDeployment": ["server/mcpServer"],
};

const file = (name) => `^components/${name}[.]ts$`;

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
    forbidden: [
        {
            name: "no-circle",
            comment: "files that import each other are one concept; move what both need below them",
            severity: "error",
            from: {},
            to: { circular: true },
        },
        ...layers.slice(0, -1).map((layer, index) => ({
            name: `no-import-upwards-from-${layer}`,
            comment: `folders of components/ import only those before them: ${layers.join(", ")}`,
            severity: "error",
            from: { path: `^components/${layer}/` },
            to: { path: layers.slice(index + 1).map((higher) => `^components/${higher}/`) },
        })),
        ...bridgeLayers.map((layer, index) => ({
            name: `no-import-upwards-from-bridge-${layer}`,
            comment: `folders of images/bridge/src import only those before them: ${bridgeLayers.join(", ")}`,
            severity: "error",
            from: { path: `^images/bridge/src/${layer}/` },
            to: {
                path: [
                    "^images/bridge/src/[^/]+[.]ts$",
                    ...bridgeLayers
                        .slice(index + 1)
                        .map((higher) => `^images/bridge/src/${higher}/`),
                ],
            },
        })),
        ...Object.entries(parents).map(([component, users]) => ({
            name: `only-parents-import-${component.split("/").at(-1)}`,
            comment: "a component is imported by the components that create it and by index.ts",
            severity: "error",
            from: { path: "^components/", pathNot: [file("index"), ...users.map(file)] },
            to: { path: file(component) },
        })),
        {
            name: "args-before-rules-before-components",
            comment: "args and defaults import no rules; components import both",
            severity: "error",
            from: { path: "^components/.*/(args|settings|defaults|route|gateway)[.]ts$" },
            to: { path: "^components/.*[rR]ules[.]ts$" },
        },
        {
            name: "index-is-the-entry",
            comment:
                "index.ts is for programs that use the components, and for the plugin that serves them all",
            severity: "error",
            from: { path: "^components/", pathNot: file("plugin") },
            to: { path: file("index") },
        },
        {
            name: "components-are-a-library",
            comment: "components import nothing of the application, its commands or its tests",
            severity: "error",
            from: { path: "^components/" },
            to: { path: "^(config|local|verify|test|bench|images)/|^index[.]ts$" },
        },
        {
            name: "config-reads-only",
            comment: "configuration knows the components, but neither the machine nor the tests",
            severity: "error",
            from: { path: "^config/" },
            to: { path: "^(local|verify|test|bench|images)/|^index[.]ts$" },
        },
        {
            name: "verify-needs-outputs-only",
            comment: "verification works from the outputs of a stack alone",
            severity: "error",
            from: { path: "^verify/" },
            to: { path: "^(components|config|local|test|bench|images)/|^index[.]ts$" },
        },
        {
            name: "no-import-of-tests",
            comment: "what programs need stands outside of test/",
            severity: "error",
            from: { path: "^(index|components|config|local|verify)" },
            to: { path: "^test/" },
        },
    ],
    options: {
        doNotFollow: { path: "node_modules" },
        exclude: { path: "node_modules|^components/dist/" },
        tsPreCompilationDeps: true,
        tsConfig: { fileName: "tsconfig.json" },
    },
};
