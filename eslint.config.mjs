import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["node_modules/", "workload/", ".sandbox/", "coverage/", "**/*.cjs", "**/*.mjs"] },
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
      "no-restricted-syntax": [
        "error",
        {
          selector:
            "CallExpression[callee.property.name='apply'] > :function NewExpression[callee.type='MemberExpression']",
          message:
            "A resource created inside apply is missing from previews: wire Outputs instead.",
        },
        {
          selector: "NewExpression[callee.property.name='Config']",
          message: "Configuration is read in config.ts alone.",
        },
      ],
    },
  },
  {
    files: ["**/*.test.ts", "bench/**"],
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
    },
  },
);
