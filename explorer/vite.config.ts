// Builds the page: index, the worker that checks batches, and Ethereum's KZG setup.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";
import { leftOut } from "./vite.left_out.ts";

const path = (place: string) => fileURLToPath(new URL(place, import.meta.url));
const SDK_MODULES = path("../sdk/node_modules");

/** The points of the setup, compressed, 48 bytes each: the text of viem's file is twice as long. */
function kzgSetup(): Plugin {
  const read = () => {
    const text = readFileSync(`${SDK_MODULES}/viem/trusted-setups/mainnet.json`, "utf8");
    const { g1_monomial } = JSON.parse(text) as { g1_monomial: string[] };
    return Buffer.from(g1_monomial.map(point => point.replace(/^0x/, "")).join(""), "hex");
  };
  return {
    name: "kzg-setup",
    generateBundle() {
      this.emitFile({ type: "asset", fileName: "kzg-setup.bin", source: read() });
    },
    configureServer(server) {
      server.middlewares.use("/kzg-setup.bin", (_, response) => response.end(read()));
    },
  };
}

/** The wallet is loaded without Vite's preloading, which is larger than what it would save here. */
function plainImports(): Plugin {
  return {
    name: "plain-imports",
    enforce: "pre",
    load: id =>
      id === "\0vite/preload-helper.js" ? "export const __vitePreload = load => load();" : null,
  };
}

/** Writes each text a second time, compressed, as most browsers take it. */
function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        for (const [fileName, file] of Object.entries(bundle)) {
          const text = file.type === "chunk" ? file.code : file.source;
          if (!/\.(?:js|css|html|svg)$/.test(fileName)) continue;
          const source = gzipSync(text, { level: 9 });
          this.emitFile({ type: "asset", fileName: `${fileName}.gz`, source });
        }
      },
    },
  };
}

export default defineConfig({
  plugins: [kzgSetup(), leftOut(), plainImports(), compressed()],
  resolve: {
    alias: [
      { find: /^sheaf-sdk$/, replacement: path("../sdk/src/index.ts") },
      // viem's older copy of the hashes that the SDK has.
      { find: /^@noble\/hashes\/(sha2|sha3)$/, replacement: `${SDK_MODULES}/@noble/hashes/$1.js` },
      { find: /^viem(?=\/|$)/, replacement: `${SDK_MODULES}/viem` },
    ],
  },
  server: {
    host: "127.0.0.1",
    proxy: Object.fromEntries(
      ["/v1", "/healthz", "/docs"].map(route => [
        route,
        process.env.SHEAF_URL ?? "http://127.0.0.1:8080",
      ]),
    ),
  },
  build: {
    target: "es2022",
    // Browsers that know light-dark(), which is all of 2024 and later.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    // A page with inline code would need a weaker policy.
    modulePreload: false,
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: { index: path("index.html"), check: path("src/check/worker.ts") },
      output: {
        // The worker has one name, by which the page starts it, and shares the page's chunks.
        entryFileNames: ({ name }) => (name === "check" ? "check.js" : "assets/[name]-[hash].js"),
      },
    },
  },
});
