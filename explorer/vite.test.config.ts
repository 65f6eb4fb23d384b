// Builds the tests for Node, with the page's own way of finding the SDK and viem.

import { readdirSync } from "node:fs";
import { defineConfig, mergeConfig } from "vite";
import page from "./vite.config.ts";

const tests = readdirSync(new URL("test", import.meta.url)).filter(name =>
  name.endsWith(".test.ts"),
);

export default defineConfig(
  mergeConfig(
    { ...page, plugins: [], build: {} },
    {
      publicDir: false,
      build: {
        ssr: true,
        target: "node20",
        outDir: "build/test",
        minify: false,
        rolldownOptions: {
          input: tests.map(name => `test/${name}`),
          output: { entryFileNames: "[name].js", chunkFileNames: "[name].js" },
        },
      },
      ssr: { noExternal: true, external: ["playwright-core", "axe-core"] },
    },
  ),
);
