// Biome checks everything else. Its own rule for promises does not see those of Node's modules, so this one rule, and
// its twin for functions that are handed over, come from typescript-eslint.
import { parser, plugin } from 'typescript-eslint'

export default [
  {
    files: ['src/**/*.ts'],
    languageOptions: { parser, parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { '@typescript-eslint': plugin },
    rules: {
      '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: false }],
      '@typescript-eslint/no-misused-promises': 'error',
    },
  },
]
