import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

/** A feature uses `$lib` and never the inside of another feature. */
const features = ['account', 'chats', 'people', 'posts', 'shell'];
const boundaries = features.map((feature) => ({
  files: [`src/features/${feature}/**`],
  rules: {
    'no-restricted-imports': [
      'error',
      { patterns: [{ group: features.filter((other) => other !== feature).map((other) => `$features/${other}/*`) }] }
    ]
  }
}));

export default ts.config(
  { ignores: ['dist', 'shots', 'test-results', 'src/lib/api/schema.d.ts', 'src/lib/core/wasm'] },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser, ...globals.node } }, rules: { 'no-undef': 'off' } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { projectService: true, extraFileExtensions: ['.svelte'], parser: ts.parser, svelteConfig } }
  },
  {
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'svelte/no-at-html-tags': 'error',
      'svelte/no-navigation-without-resolve': 'off'
    }
  },
  {
    // Stores replace their values and never change them in place; dates, sets and maps in functions are plain values.
    files: ['src/lib/**'],
    rules: {
      'svelte/prefer-svelte-reactivity': 'off',
      'no-restricted-imports': ['error', { patterns: [{ group: ['$features/*'] }] }]
    }
  },
  ...boundaries
);
