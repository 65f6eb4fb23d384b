// Builds what measures signing and verifying in the browser, as the page is built.

import { defineConfig } from "vite";
import page from "./vite.config.ts";

export default defineConfig({
  ...page,
  plugins: [],
  publicDir: false,
  build: {
    target: "es2022",
    outDir: "build/speed",
    lib: { entry: "test/speed/speed.ts", formats: ["es"], fileName: "speed" },
  },
});
