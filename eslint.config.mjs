import tseslint from "typescript-eslint";

/** Values that a function may make anywhere: they are no resources. */
const values =
  "/^(URL|URLSearchParams|Date|Map|Set|RegExp|Promise|[A-Z]\\w*Error|ConfigProblems)$/";

const forbidden = [
  {
    selector: `CallExpression[callee.property.name='apply'] :function NewExpression:not([callee.name=${values}])`,
    message: "A resource created inside apply is missing from previews: wire Outputs instead.",
  },
];

const configReads = [
  {
    selector:
      "NewExpression[callee.property.name='Config'], NewExpression[callee.name='Config'], MemberExpression[property.name=/^(allConfig|getConfig)$/]",
    message: "Configuration is read in config.ts alone.",
  },
  {
    selector: "MemberExpression[object.name='process'][property.name='env']",
    message: "A stack does not depend on the environment: make it a key in settings/.",
  },
];

export default tseslint.config(
  {
    ignores: [
      "**/node_modules/",
      "workload/dist/",
      "workload/.dev/",
      ".sandbox/",
      "coverage/",
      "**/*.cjs",
      "**/*.mjs",
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      // Catch an Output that ends in a string.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/restrict-plus-operands": "error",
      "@typescript-eslint/consistent-type-imports": [
        "error",
        { fixStyle: "inline-type-imports", disallowTypeAnnotations: false },
      ],
      // Component resources are created for their effect.
      "no-new": "off",
      "@typescript-eslint/no-unnecessary-condition": "error",
      "no-restricted-syntax": ["error", ...forbidden, ...configReads],
    },
  },
  {
    // The workload is a program of its own: its environment is its configuration.
    // The sandbox starts programs, whose environment it makes.
    files: ["config.ts", "**/*.test.ts", "bench/**", "tests/**", "workload/**", "sandbox/**"],
    rules: { "no-restricted-syntax": ["error", ...forbidden] },
  },
  {
    files: ["**/*.test.ts", "bench/**"],
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
    },
  },
  {
    // Answers of an API under test are whatever it sends.
    files: ["workload/tests/**", "workload/bench/**"],
    rules: {
      "@typescript-eslint/no-explicit-any": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-return": "off",
    },
  },
);
