// The system's Chromium, and what every page must keep: its policy, its origin, accessibility.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { EXPLORER } from "./site.ts";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];
/** How long a page may take to show what a test waits for, on a busy machine. */
export const SHOWN_MS_MAX = 60_000;
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

function program(): string {
  if (process.env.CHROMIUM !== undefined) return process.env.CHROMIUM;
  for (const name of NAMES) {
    try {
      return execFileSync("which", [name], { encoding: "utf8" }).trim();
    } catch {
      // The next name.
    }
  }
  throw new Error(
    "there is no Chromium: install it (Debian: apt-get install chromium), or name its program in \
the variable CHROMIUM",
  );
}

/** Starts Chromium. */
export function launch(): Promise<Browser> {
  // Containers have no user namespaces, which Chromium's own sandbox needs.
  return chromium.launch({ executablePath: program(), args: ["--no-sandbox"] });
}

/** A window whose faults are collected. */
export interface Watched {
  context: BrowserContext;
  page: Page;
  /** What no page may do: break its policy, throw, ask others. */
  faults: string[];
  /** The bodies that were sent. */
  sent: string[];
}

/** Opens a window that may ask these origins and no others. */
export async function watched(browser: Browser, origins: readonly string[]): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1_200, height: 900 } });
  context.setDefaultTimeout(SHOWN_MS_MAX);
  const page = await context.newPage();
  const faults: string[] = [];
  const sent: string[] = [];
  page.on("pageerror", error => faults.push(`threw ${error.stack}`));
  page.on("console", message => {
    const text = message.text();
    if (/Content Security Policy|Refused to/i.test(text)) faults.push(text);
  });
  context.on("request", request => {
    const url = new URL(request.url());
    const isKnown = origins.includes(url.origin) || url.protocol === "data:";
    if (!isKnown) faults.push(`asked ${url.origin}`);
    sent.push(request.postData() ?? "");
  });
  return { context, page, faults, sent };
}

const axe = readFileSync(join(EXPLORER, "node_modules/axe-core/axe.min.js"), "utf8");

interface Violation {
  id: string;
  nodes: { html: string; failureSummary?: string }[];
}

/** What axe finds on a page as it stands, in dark and light. */
export async function inaccessible(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    // By the protocol of the browser's tools: the page's policy would refuse the script.
    await page.evaluate(axe);
    const violations = await page.evaluate(
      `axe.run(document, { runOnly: ${JSON.stringify(RULES)} }).then(({ violations }) =>
        violations.map(({ id, nodes }) => ({
          id, nodes: nodes.map(({ html, failureSummary }) => ({ html, failureSummary })),
        })))`,
    );
    for (const { id, nodes } of violations as Violation[]) {
      const places = nodes
        .slice(0, 3)
        .map(({ html, failureSummary }) => `${html} ${failureSummary}`);
      found.push(`${page.url()} ${colorScheme} ${id}: ${places.join("; ")}`);
    }
  }
  return found;
}

/** Whether a page of a phone's width scrolls sideways. */
export async function isTooWide(page: Page): Promise<boolean> {
  const before = page.viewportSize();
  await page.setViewportSize({ width: 360, height: 740 });
  const script = "document.documentElement.scrollWidth > document.documentElement.clientWidth";
  const found = (await page.evaluate(script)) as boolean;
  if (before !== null) await page.setViewportSize(before);
  return found;
}
