import checkFile from "eslint-plugin-check-file";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

/** Forbids imports that match `group`, and says why. */
const forbidImports = (group, message) => [
    "error",
    { patterns: group.map((pattern) => ({ group: [pattern], message })) },
];

export default defineConfig(
    globalIgnores(["**/node_modules/", "**/dist/", "eslint.config.js", "**/*.mjs", "**/*.cjs"]),
    tseslint.configs.recommendedTypeChecked,
    {
        files: ["**/*.ts"],
        languageOptions: {
            parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
        },
        plugins: { "check-file": checkFile },
        rules: {
            "@typescript-eslint/consistent-type-imports": "error",
            "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
            "check-file/filename-naming-convention": [
                "error",
                { "**/*.ts": "CAMEL_CASE" },
                { ignoreMiddleExtensions: true },
            ],
            eqeqeq: "error",
            "no-restricted-syntax": [
                "error",
                {
                    selector: "ExportAllDeclaration",
                    message: "name what others may import",
                },
            ],
        },
    },
    {
        files: ["components/**/*.ts", "config/**/*.ts"],
        ignores: ["config/stackConfig.ts"],
        rules: {
            "no-restricted-properties": [
                "error",
                {
                    object: "process",
                    property: "env",
                    message: "only stackConfig.ts reads configuration",
                },
                {
                    object: "pulumi",
                    property: "Config",
                    message: "only stackConfig.ts reads configuration",
                },
            ],
        },
    },
    {
        files: ["images/**/src/**/*.ts"],
        rules: {
            "no-restricted-imports": forbidImports(
                ["**/components/**", "**/local/**"],
                "an image is self-contained: nothing outside its directory enters the build",
            ),
        },
    },
    {
        files: ["test/**/*.ts", "images/**/test/**/*.ts"],
        rules: {
            "@typescript-eslint/no-unsafe-argument": "off",
            "@typescript-eslint/no-unsafe-assignment": "off",
            "@typescript-eslint/no-unsafe-call": "off",
            "@typescript-eslint/no-unsafe-member-access": "off",
            "@typescript-eslint/no-unsafe-return": "off",
        },
    },
);
