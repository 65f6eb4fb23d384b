import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

test("generated files are those that their sources make", () => {
  const script = fileURLToPath(new URL("../../scripts/generate.mjs", import.meta.url));
  execFileSync(process.execPath, [script, "--check"], { stdio: "inherit" });
});
