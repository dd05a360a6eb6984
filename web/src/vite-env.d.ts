/// <reference types="svelte" />
/// <reference types="vite/client" />
interface Window {
  trustedTypes?: {
    createPolicy(name: string, rules: { createScriptURL?: (url: string) => string }): { createScriptURL(url: string): unknown };
  };
}
