// The built page on a free port, with somebody else's API behind it.

import { existsSync, readFileSync, statSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Scripted, serve } from "../../sdk/test/server.ts";

/** The explorer's folder; the tests are two folders below. */
export const EXPLORER = fileURLToPath(new URL("../../", import.meta.url));
const DIST = join(EXPLORER, "dist");
const KINDS: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** The policy with which the sequencer serves the page. */
function policy(): string {
  const source = readFileSync(join(EXPLORER, "../sequencer/src/api/explorer.rs"), "utf8");
  const [, text] = /POLICY: &str = "([^"]*)"/.exec(source) ?? [];
  if (text === undefined) throw new Error("explorer.rs has no policy");
  return text.replace(/\\\n\s*/g, "");
}

/** Serves the page; `api` answers what is below /v1, and /healthz. */
export function serveSite(
  api: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Scripted> {
  if (!existsSync(join(DIST, "index.html"))) {
    throw new Error("the page is not built: run `make explorer`");
  }
  const headers = { "content-security-policy": policy() };
  return serve((_, request, response) => {
    const path = (request.url ?? "/").split("?")[0] ?? "/";
    if (path.startsWith("/v1/") || path === "/healthz") return api(request, response);
    const wanted = join(DIST, path);
    const isFile = existsSync(wanted) && statSync(wanted).isFile();
    const file = isFile ? wanted : join(DIST, "index.html");
    const kind = KINDS[extname(file)] ?? "application/octet-stream";
    response.writeHead(200, { ...headers, "content-type": kind });
    response.end(readFileSync(file));
  });
}
