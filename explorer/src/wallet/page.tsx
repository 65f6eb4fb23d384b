// The wallet.

import type { WalletAct } from "../route.ts";
import { Ask } from "./ask.tsx";
import { Home } from "./home.tsx";
import { Deposit, Exit, Withdraw } from "./move.tsx";
import { OnTheWay } from "./on_the_way.tsx";
import { OpenWallet } from "./open.tsx";
import { PayFile } from "./pay_file.tsx";
import { Send } from "./send.tsx";
import { type Session, useSession } from "./session.ts";

const NAMES: Record<WalletAct, string> = {
  home: "Balance",
  send: "Send",
  file: "Pay a file",
  ask: "Ask to be paid",
  deposit: "Deposit",
  withdraw: "Withdraw",
  exit: "Leave",
};

/** Where what is on its way from L1 is shown. */
const ON_L1: readonly WalletAct[] = ["home", "deposit", "exit"];

/** What the wallet is asked to do. */
export interface WalletProps {
  act: WalletAct;
  query: URLSearchParams;
}

export function WalletPage({ act, query }: WalletProps) {
  const { session, why } = useSession();
  return (
    <>
      <h1>Wallet</h1>
      {session === undefined ? (
        <OpenWallet why={why} />
      ) : (
        <>
          <nav class="tabs" aria-label="Wallet">
            {Object.entries(NAMES).map(([name, title]) => (
              <a
                key={name}
                href={name === "home" ? "/wallet" : `/wallet/${name}`}
                aria-current={name === act ? "page" : undefined}
              >
                {title}
              </a>
            ))}
          </nav>
          {ON_L1.includes(act) && <OnTheWay owner={session.wallet.owner} />}
          <Acted key={act} act={act} query={query} session={session} />
        </>
      )}
    </>
  );
}

function Acted({ act, query, session }: WalletProps & { session: Session }) {
  switch (act) {
    case "home":
      return <Home session={session} />;
    case "send":
      return <Send session={session} query={query} />;
    case "file":
      return <PayFile session={session} />;
    case "ask":
      return <Ask session={session} />;
    case "deposit":
      return <Deposit session={session} />;
    case "withdraw":
      return <Withdraw session={session} />;
    case "exit":
      return <Exit session={session} />;
  }
}
