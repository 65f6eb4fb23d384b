// The wallet's first page: balances, what is on its way, what can be claimed, history.

import { Balances, History } from "../pages/account.tsx";
import { ActSaid, useAct } from "../parts/act.tsx";
import { Amount } from "../parts/amount.tsx";
import { Copy, Digits, L1Link } from "../parts/links.tsx";
import { Answered, Fact, Panel } from "../parts/panel.tsx";
import { useAnswer } from "../sequencer/answer.ts";
import { isMissingRoute, sequencer } from "../sequencer/sequencer.ts";
import { ETHER, useTokens } from "../sequencer/tokens.ts";
import { lock, type Session } from "./session.ts";

/** The pause between two looks at the contract. */
const ASK_MS = 3_000;

export function Home({ session }: { session: Session }) {
  const { owner } = session.wallet;
  return (
    <>
      <Panel
        title={session.name}
        aside={
          <button type="button" onClick={() => lock()}>
            Lock
          </button>
        }
      >
        <dl class="facts">
          <Fact name="L2 address" wide>
            <Digits text={owner} whole /> <Copy text={owner} what="the L2 address" />
          </Fact>
          <Fact name="L1 account" wide>
            <Digits text={session.address} whole />
          </Fact>
        </dl>
      </Panel>
      <Balances owner={owner} />
      <Claims session={session} />
      <History owner={owner} />
    </>
  );
}

/** What the contract owes the account in one token. */
interface Claim {
  token: number;
  amount: bigint;
  bond: bigint;
}

function Claims({ session: { wallet, address, name } }: { session: Session }) {
  const tokens = useTokens();
  const numbers = tokens.map(({ token }) => token);
  const read = async (): Promise<Claim[]> => {
    const found = await Promise.all(
      numbers.map(async token => ({ token, ...(await wallet.l1.pending(address, token)) })),
    );
    return found.filter(({ amount, bond }) => amount > 0n || bond > 0n);
  };
  const claims = useAnswer(read, numbers.join(), ASK_MS);
  const coming = useAnswer(() => sequencer.payouts(address), address, ASK_MS);
  const act = useAct();
  const claim = (token: number) =>
    act.run(async () => (
      <>
        The contract has paid. <L1Link text={await wallet.claim(token)} />
      </>
    ));
  return (
    <Panel title="To claim on L1">
      <Answered answer={claims}>
        {found => (
          <ul class="plain-list">
            {found.map(({ token, amount, bond }) => (
              <li key={token} class="acts">
                <Amount amount={amount} token={token} />
                {bond > 0n && (
                  <span>
                    and a bond of <Amount amount={bond} token={ETHER.token} />
                  </span>
                )}
                <button
                  type="button"
                  class="main-act"
                  disabled={act.isBusy}
                  onClick={() => claim(token)}
                >
                  Claim
                </button>
              </li>
            ))}
            {found.length === 0 && <li class="faint">Nothing can be claimed now.</li>}
          </ul>
        )}
      </Answered>
      {!isMissingRoute(coming.error) &&
        coming.value?.payouts
          .filter(({ pending }) => BigInt(pending) > 0n)
          .map(({ token, pending }) => (
            <p key={token} class="faint">
              <Amount amount={pending} token={token} /> can be claimed when its batch is final.
            </p>
          ))}
      <ActSaid act={act} waiting={`Confirm with ${name}, and wait until L1 has mined it.`} />
    </Panel>
  );
}
