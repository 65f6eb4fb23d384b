// Signing and verifying in the browser, with their bounds, and the check of a full blob's batch.

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
/** What a person waits for who is shown each step. */
const CHECK_MS_MAX = 20_000;
/** How long all measurements take at most. */
const MEASURED_MS_MAX = 120_000;

interface Measured {
  check_full_blob_ms: number;
  sign_ms: number;
  verify_proof_ms: number;
}

const file = (path: string) => readFileSync(join(EXPLORER, path));
const PAGE = ["text/html", '<script type="module" src="/speed.js"></script>'] as const;
const FILES: Record<string, readonly [string, Buffer]> = {
  "/speed.js": ["text/javascript", file("build/speed/speed.js")],
  "/kzg-setup.bin": ["application/octet-stream", file("dist/kzg-setup.bin")],
};

test("signing and verifying are fast enough in a browser", async () => {
  const server = createServer(({ url }, response) => {
    const [type, body] = FILES[url ?? ""] ?? PAGE;
    response.writeHead(200, { "content-type": type });
    response.end(body);
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  const browser = await launch();
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.waitForFunction("window.measured", undefined, { timeout: MEASURED_MS_MAX });
    const measured = (await page.evaluate("window.measured")) as Measured;
    record({ ...measured });
    assert.ok(measured.sign_ms <= SIGN_MS_MAX, JSON.stringify(measured));
    assert.ok(measured.verify_proof_ms <= VERIFY_MS_MAX, JSON.stringify(measured));
    assert.ok(measured.check_full_blob_ms <= CHECK_MS_MAX, JSON.stringify(measured));
  } finally {
    await browser.close();
    server.close();
  }
});
