import react from "@vitejs/plugin-react";
import { join } from "node:path";
import { defineConfig } from "vite";

/** The page. `npm run build:web` puts it where the server looks; `npm run dev` adds the proxy. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  // The text of another project's environment must not end in a public file.
  envPrefix: "DROPS_PAGE_",
  build: {
    outDir: join(import.meta.dirname, "../dist/public"),
    // It lies outside the root, where Vite would only warn.
    emptyOutDir: true,
    // A data: URL would need a hole in the content security policy.
    assetsInlineLimit: 0,
    target: "es2022",
    reportCompressedSize: true,
  },
});
