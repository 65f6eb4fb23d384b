// The frame around every page.

import { useEffect, useRef } from "preact/hooks";
import { AccountPage } from "./pages/account.tsx";
import { BatchPage } from "./pages/batch.tsx";
import { BatchesPage } from "./pages/batches.tsx";
import { BlockPage } from "./pages/block.tsx";
import { L1Page } from "./pages/l1.tsx";
import { LivePage } from "./pages/live.tsx";
import { OperatorPage } from "./pages/operator.tsx";
import { Search } from "./pages/search.tsx";
import { SlotPage } from "./pages/slot.tsx";
import { TransactionPage } from "./pages/transaction.tsx";
import { Later } from "./parts/later.tsx";
import { type Route, useRoute } from "./route.ts";
import { useFeed } from "./sequencer/feed.ts";
import { useTheme } from "./theme.ts";

/** Keys and signatures are loaded with the wallet. */
const loadWallet = async () => (await import("./wallet/page.tsx")).WalletPage;

const PLACES = [
  { address: "/", name: "Live", pages: ["live"] },
  { address: "/batches", name: "Batches", pages: ["batches", "batch", "block"] },
  { address: "/wallet", name: "Wallet", pages: ["wallet"] },
  { address: "/operator", name: "Operator", pages: ["operator"] },
] as const;

export function App() {
  const route = useRoute();
  const main = useRef<HTMLElement>(null);
  const title = titleOf(route);
  const isFirst = useRef(true);
  useEffect(() => {
    document.title = `${title} · Sheaf`;
    // Those who hear the page are told that it is another one.
    if (!isFirst.current) main.current?.focus();
    isFirst.current = false;
  }, [title]);
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <Header route={route} />
      <main id="main" class="main" ref={main} tabIndex={-1}>
        <Page route={route} />
      </main>
      <Footer />
    </>
  );
}

function Header({ route }: { route: Route }) {
  const { theme, toggle } = useTheme();
  const other = theme === "dark" ? "light" : "dark";
  return (
    <header class="header">
      <div class="header-row">
        <a class="brand" href="/">
          <Ears />
          Sheaf
        </a>
        <nav class="nav" aria-label="Pages">
          {PLACES.map(({ address, name, pages }) => {
            const isHere = (pages as readonly string[]).includes(route.page);
            return (
              <a key={address} href={address} aria-current={isHere ? "page" : undefined}>
                {name}
              </a>
            );
          })}
        </nav>
        <Search />
        <button
          type="button"
          class="icon-button"
          aria-label={`Use the ${other} theme`}
          onClick={toggle}
        >
          {theme === "dark" ? "☀" : "☾"}
        </button>
      </div>
    </header>
  );
}

/** A sheaf of ears. */
const Ears = () => (
  <svg viewBox="0 0 32 32" aria-hidden="true">
    <g fill="none" stroke="currentColor" stroke-width="2.4" stroke-linecap="round">
      <path d="M16 29V4M16 20C12 17 8 12 7 6M16 20c4-3 8-8 9-14M16 20c-1-6-3-11-5-15" />
      <path d="M16 20c1-6 3-11 5-15M16 20c-2 3-4 6-6 8M16 20c2 3 4 6 6 8M9 20h14" />
    </g>
  </svg>
);

function Footer() {
  const { status } = useFeed();
  return (
    <footer class="footer">
      <div>
        {status !== undefined && (
          <span>
            Chain {status.chain_id}, contract <span class="digits">{status.contract}</span>
            {status.development && ". Development proofs: they prove nothing"}
          </span>
        )}
        <a href="/docs">API</a>
        <span>What these pages show is what this sequencer says; each batch can be checked.</span>
      </div>
    </footer>
  );
}

function titleOf(route: Route): string {
  switch (route.page) {
    case "live":
      return "Live";
    case "batches":
      return "Batches";
    case "batch":
    case "block":
      return `${route.page === "batch" ? "Batch" : "Block"} ${route.number}`;
    case "slot":
      return `Slot ${route.slot}`;
    case "transaction":
      return "Transaction";
    case "account":
      return "Account";
    case "l1":
      return "L1 transaction";
    case "operator":
      return "Operator";
    case "wallet":
      return "Wallet";
    case "unknown":
      return "Nothing here";
  }
}

function Page({ route }: { route: Route }) {
  switch (route.page) {
    case "live":
      return <LivePage />;
    case "batches":
      return <BatchesPage />;
    case "batch":
      return <BatchPage key={route.number} number={route.number} />;
    case "block":
      return <BlockPage key={route.number} number={route.number} />;
    case "slot":
      return <SlotPage slot={route.slot} />;
    case "transaction":
      return <TransactionPage key={route.id} id={route.id} />;
    case "account":
      return <AccountPage key={route.owner} owner={route.owner} />;
    case "l1":
      return <L1Page hash={route.hash} />;
    case "operator":
      return <OperatorPage />;
    case "wallet":
      return <Later name="wallet" load={loadWallet} props={route} />;
    case "unknown":
      return <Nothing path={route.path} />;
  }
}

const Nothing = ({ path }: { path: string }) => (
  <>
    <h1>Nothing here</h1>
    <p>
      This page has no address <span class="digits">{path}</span>. Search above, or go to{" "}
      <a href="/">what happens now</a>.
    </p>
  </>
);
