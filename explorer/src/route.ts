// The page's addresses.

import { useEffect, useState } from "preact/hooks";

/** What an address shows. */
export type Route =
  | { page: "live" }
  | { page: "batches" }
  | { page: "batch"; number: number }
  | { page: "block"; number: number }
  | { page: "transaction"; id: string }
  | { page: "account"; owner: string }
  | { page: "slot"; slot: number }
  | { page: "l1"; hash: string }
  | { page: "operator" }
  | { page: "wallet"; act: WalletAct; query: URLSearchParams }
  | { page: "unknown"; path: string };

/** What the wallet is asked for. */
export const WALLET_ACTS = ["home", "send", "file", "ask", "deposit", "withdraw", "exit"] as const;
export type WalletAct = (typeof WALLET_ACTS)[number];

const HASH = /^0x[0-9a-f]{64}$/;
const NUMBER = /^(?:0|[1-9][0-9]{0,15})$/;

/** The route of an address of this page. */
export function routeOf(path: string, query = ""): Route {
  const [first = "", second, ...rest] = path.split("/").filter(part => part !== "");
  const unknown: Route = { page: "unknown", path };
  if (rest.length > 0) return unknown;
  if (second === undefined) {
    if (first === "") return { page: "live" };
    if (first === "batches" || first === "operator") return { page: first };
    if (first === "wallet") return walletRoute("home", query);
    return unknown;
  }
  const number = NUMBER.test(second) ? Number(second) : undefined;
  if ((first === "batch" || first === "block") && number !== undefined) {
    return { page: first, number };
  }
  if (first === "slot" && number !== undefined) return { page: "slot", slot: number };
  if (first === "transaction" && HASH.test(second)) return { page: "transaction", id: second };
  if (first === "l1" && HASH.test(second)) return { page: "l1", hash: second };
  if (first === "account" && second.startsWith("sheaf1")) return { page: "account", owner: second };
  const act = WALLET_ACTS.find(act => act === second);
  return first === "wallet" && act !== undefined ? walletRoute(act, query) : unknown;
}

const walletRoute = (act: WalletAct, query: string): Route => ({
  page: "wallet",
  act,
  query: new URLSearchParams(query),
});

const here = (): Route => routeOf(location.pathname, location.search);

/** Goes to an address of this page. */
export function go(address: string): void {
  history.pushState(null, "", address);
  window.dispatchEvent(new Event("popstate"));
  window.scrollTo(0, 0);
}

/** The route of the address bar. Links to this page change it without loading the page again. */
export function useRoute(): Route {
  const [route, setRoute] = useState(here);
  useEffect(() => {
    const follow = () => setRoute(here());
    window.addEventListener("popstate", follow);
    document.addEventListener("click", onClick);
    return () => {
      window.removeEventListener("popstate", follow);
      document.removeEventListener("click", onClick);
    };
  }, []);
  return route;
}

function onClick(event: MouseEvent): void {
  const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey;
  const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
  if (!isPlain || event.defaultPrevented || link === null) return;
  const { origin, pathname, search, hash } = new URL(
    link.getAttribute("href") ?? "",
    location.href,
  );
  const isHere = origin === location.origin && !/^\/(?:v1|docs|healthz)(?:\/|$)/.test(pathname);
  // A page that is loaded anew has forgotten its wallet's key.
  if (!isHere || hash !== "") return;
  event.preventDefault();
  go(pathname + search);
}
