// The payment pages of the tests. VITE_DOCTOR is the folder of the diagnostic's
// files as the page's visitors reach it, DOCTOR the loader as the bundler does.
import { defineConfig } from "vite";

export default defineConfig({
  oxc: { jsx: { runtime: "automatic" } },
  resolve: { alias: { "checkout-doctor": process.env.DOCTOR } },
  define: { __VUE_OPTIONS_API__: "false", __VUE_PROD_DEVTOOLS__: "false", __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false" },
  build: { modulePreload: false, emptyOutDir: true },
});
