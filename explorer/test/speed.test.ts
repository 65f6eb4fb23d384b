// Signing and verifying in the browser, with their bounds.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { launch } from "./browser.ts";
import { record } from "./figures.ts";
import { EXPLORER } from "./site.ts";

/** What a person does not notice, and what a person waits for. */
const SIGN_MS_MAX = 50;
const VERIFY_MS_MAX = 2_000;

interface Measured {
  sign_ms: number;
  verify_proof_ms: number;
}

test("signing and verifying are fast enough in a browser", async () => {
  const script = readFileSync(join(EXPLORER, "build/speed/speed.js"));
  const server = createServer(({ url }, response) => {
    const isScript = url === "/speed.js";
    response.writeHead(200, { "content-type": isScript ? "text/javascript" : "text/html" });
    response.end(isScript ? script : '<script type="module" src="/speed.js"></script>');
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  const browser = await launch();
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.waitForFunction("window.measured");
    const measured = (await page.evaluate("window.measured")) as Measured;
    record({ ...measured });
    assert.ok(measured.sign_ms <= SIGN_MS_MAX, JSON.stringify(measured));
    assert.ok(measured.verify_proof_ms <= VERIFY_MS_MAX, JSON.stringify(measured));
  } finally {
    await browser.close();
    server.close();
  }
});
