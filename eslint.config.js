// Lint with types. What style.md section 3.2 forbids is an error here; tools/tidy holds what lint cannot say.
import tseslint from "typescript-eslint";

const clockAndChance = [
  ["Date", "now", "take the time from a Clock (#std/time.ts)"],
  ["performance", "now", "take the time from a Clock (#std/time.ts)"],
  ["process", "hrtime", "take the time from a Clock (#std/time.ts)"],
  ["Math", "random", "take chance from a Random (#std/random.ts)"],
  ["AbortSignal", "timeout", "take time-outs from #std/abort.ts"],
].map(([object, property, message]) => ({ object, property, message }));

export default tseslint.config(
  { ignores: ["node_modules/", "dist/", "src/api/generated/", "test/parts/", ".karmada*/", "**/*.js"] },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/dot-notation": "off",
      "@typescript-eslint/no-unnecessary-type-parameters": "off",
      "@typescript-eslint/no-dynamic-delete": "off",
      "@typescript-eslint/no-invalid-void-type": "off",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/consistent-type-definitions": "off",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "no-restricted-syntax": [
        "error",
        { selector: "ExportDefaultDeclaration", message: "Name what you export." },
        { selector: "ExportAllDeclaration", message: "List what you export." },
        { selector: "TSEnumDeclaration", message: "Use a union of literals." },
      ],
    },
  },
  {
    files: ["src/**/*.ts"],
    ignores: ["src/std/**", "**/*.test.ts"],
    rules: {
      "@typescript-eslint/consistent-type-assertions": ["error", { assertionStyle: "never" }],
      "no-restricted-properties": ["error", ...clockAndChance],
      "no-restricted-globals": [
        "error",
        { name: "setTimeout", message: "Take timers from a Clock (#std/time.ts)." },
        { name: "setInterval", message: "Take timers from a Clock (#std/time.ts)." },
        { name: "setImmediate", message: "Take turns from a Clock (#std/time.ts)." },
      ],
      "no-restricted-imports": [
        "error",
        {
          paths: [
            { name: "node:timers/promises", message: "Take timers from a Clock (#std/time.ts)." },
            { name: "node:timers", message: "Take timers from a Clock (#std/time.ts)." },
          ],
        },
      ],
    },
  },
  {
    files: ["**/*.test.ts"],
    rules: { "@typescript-eslint/no-floating-promises": "off", "@typescript-eslint/no-non-null-assertion": "off" },
  },
);
