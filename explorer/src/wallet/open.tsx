// Opening a wallet: which Ethereum account makes the key.

import { ActSaid, useAct } from "../parts/act.tsx";
import { shortened } from "../parts/links.tsx";
import { Panel } from "../parts/panel.tsx";
import { useAnswer } from "../sequencer/answer.ts";
import { useFeed } from "../sequencer/feed.ts";
import { devnetNode, nodeProvider, useWallets } from "./provider.ts";
import { IDLE_MS_MAX, type Opening, open } from "./session.ts";

/** The first account of every anvil: on a devnet, the operator's. */
const ANVIL_FIRST = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";
/** The accounts that are offered, by their place; the first two have money on L2 from the start. */
const OFFERED = [
  { place: 1, name: "Alice" },
  { place: 2, name: "Bob" },
  { place: 3, name: "Carol" },
] as const;

export function OpenWallet({ why }: { why: string }) {
  const { status } = useFeed();
  const wallets = useWallets();
  const act = useAct();
  const start = (opening: Opening) => {
    if (status === undefined) return;
    act.run(async () => {
      await open(opening, status);
      return "The wallet is open.";
    });
  };
  return (
    <>
      {why !== "" && <p class="notice">{why}</p>}
      <Panel title="Open your wallet">
        <p>
          Your Sheaf key is made of a signature of your Ethereum account, so there is nothing to
          write down. The account is asked twice and both signatures must be equal. The key stays in
          this tab's memory and is forgotten after {IDLE_MS_MAX / 60_000} idle minutes.
        </p>
        <div class="acts">
          {wallets.map(({ id, name, provider }) => (
            <button
              key={id}
              type="button"
              class="main-act"
              disabled={act.isBusy || status === undefined}
              onClick={() => start({ provider, name })}
            >
              Open with {name}
            </button>
          ))}
        </div>
        {wallets.length === 0 && (
          <p class="faint">
            This browser shows no Ethereum wallet. Install one that announces itself (EIP-6963), and
            load the page again.
          </p>
        )}
        <ActSaid act={act} waiting="Confirm both signatures in your Ethereum wallet." />
      </Panel>
      <Devnet isBusy={act.isBusy} onStart={start} />
    </>
  );
}

interface DevnetProps {
  isBusy: boolean;
  onStart: (opening: Opening) => void;
}

/** On a devnet of this machine: its funded accounts, for which the L1 node signs. */
function Devnet({ isBusy, onStart }: DevnetProps) {
  const { status } = useFeed();
  const url = devnetNode(status);
  const accounts = useAnswer(async () => {
    if (url === undefined) return [];
    const found = await nodeProvider(url).request({ method: "eth_accounts" });
    const all = found as `0x${string}`[];
    return all[0]?.toLowerCase() === ANVIL_FIRST ? all : [];
  }, `${url}`);
  const known = accounts.value ?? [];
  if (url === undefined || known.length === 0) return null;
  return (
    <Panel title="This is a devnet">
      <p>
        The L1 node on this machine has accounts with play money, and signs for them. Take one;
        Alice and Bob also have ten ether on L2.
      </p>
      <div class="acts">
        {OFFERED.map(({ place, name }) => {
          const address = known[place];
          if (address === undefined) return null;
          return (
            <button
              key={place}
              type="button"
              disabled={isBusy}
              onClick={() => onStart({ provider: nodeProvider(url), name, address })}
            >
              Be {name} <span class="digits faint">{shortened(address)}</span>
            </button>
          );
        })}
      </div>
    </Panel>
  );
}
