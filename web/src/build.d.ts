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
/**
 * The support codes of the reports that are made without the module, which makes
 * the others: JSON, by their mode and by why it did not run. Put in by the bundle.
 */
declare const SUPPORT_CODES: string;
/** What the user can leave out of a report: JSON, the families of facts of each part. Put in by the bundle. */
declare const REPORT_PARTS: string;
