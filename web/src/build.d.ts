// The toolchain's support script as the bundle wraps it.
declare module "wasm_exec.js" {
  interface Go {
    argv: string[];
    readonly importObject: WebAssembly.Imports;
    /** Runs the program; it resolves when the program ends. */
    run(instance: WebAssembly.Instance): Promise<void>;
  }
  export const support: { Go: new () => Go; fs: unknown; process: unknown; path: unknown };
}

/** A style sheet's text, minified by the bundle. */
declare module "*.css?text" {
  const text: string;
  export default text;
}

/** The SRI hash of module.wasm, put in by the bundle. */
declare const MODULE_INTEGRITY: string;
/** The version that the module must say it has, put in by the bundle. */
declare const MODULE_VERSION: string;
/** What each language calls itself, put in by the bundle. */
declare const LANGUAGE_NAMES: Record<string, string>;
/** What the button says in each language, put in by the bundle. */
declare const START: Record<string, string>;
