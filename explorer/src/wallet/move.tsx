// Moving money between L1 and L2: deposit, withdraw, exit.

import { useState } from "preact/hooks";
import type { Address } from "viem";
import { ActSaid, useAct } from "../parts/act.tsx";
import { Amount } from "../parts/amount.tsx";
import { L1Link } from "../parts/links.tsx";
import { Answered, Panel } from "../parts/panel.tsx";
import { useAnswer } from "../sequencer/answer.ts";
import { sequencer } from "../sequencer/sequencer.ts";
import { tokenOf, useTokens } from "../sequencer/tokens.ts";
import { readAmount } from "../text/amount.ts";
import { AmountField } from "./amount_field.tsx";
import { Sent } from "./send.tsx";
import type { Session } from "./session.ts";

/** How long a deposit is waited for: L1's confirmations take a quarter of an hour at most. */
const DEPOSIT_MS_MAX = 1_200_000;

/** The amount of a form, with its token. */
function useAmount() {
  const [text, setText] = useState("");
  const [number, setNumber] = useState(0);
  const [fault, setFault] = useState<string>();
  const token = tokenOf(useTokens(), number);
  const read = (): bigint | undefined => {
    const amount = readAmount(text, token);
    const isRead = typeof amount === "bigint";
    setFault(isRead ? undefined : amount.fault);
    return isRead ? amount : undefined;
  };
  const field = { text, token, fault, onText: setText, onToken: setNumber };
  return { field, token: token.token, read, clear: () => setText("") };
}

export function Deposit({ session: { wallet, name } }: { session: Session }) {
  const amount = useAmount();
  const act = useAct();
  const submit = (event: Event) => {
    event.preventDefault();
    const units = amount.read();
    if (units === undefined) return;
    act.run(async () => {
      const options = { timeoutMs: DEPOSIT_MS_MAX };
      const hash = await wallet.deposit(units, amount.token, options);
      amount.clear();
      return (
        <>
          The deposit is credited. <L1Link text={hash} />
        </>
      );
    });
  };
  return (
    <Panel title="Deposit">
      <p>
        The contract takes the amount and a small price of the request from your L1 account. The
        sequencer credits the deposit when L1 has confirmed it.
      </p>
      <form class="form" onSubmit={submit} noValidate>
        <AmountField label="Amount" {...amount.field} />
        <div>
          <button type="submit" class="main-act" disabled={act.isBusy}>
            Deposit
          </button>
        </div>
      </form>
      <ActSaid
        act={act}
        waiting={`Confirm with ${name}. The deposit is then mined, confirmed and credited.`}
      />
    </Panel>
  );
}

export function Withdraw({ session: { wallet, address } }: { session: Session }) {
  const amount = useAmount();
  const [recipient, setRecipient] = useState<string>(address);
  const [fault, setFault] = useState<string>();
  const act = useAct();
  const submit = (event: Event) => {
    event.preventDefault();
    const isAddress = /^0x[0-9a-f]{40}$/i.test(recipient);
    setFault(isAddress ? undefined : "The recipient is no L1 address: write 0x and 40 digits.");
    const units = amount.read();
    if (units === undefined || !isAddress) return;
    act.run(async () => {
      const { id } = await wallet.withdraw(units, recipient as Address, amount.token);
      amount.clear();
      return (
        <>
          <Sent id={id} />
          <p>When it is final, claim the amount on the wallet's first page.</p>
        </>
      );
    });
  };
  return (
    <Panel title="Withdraw">
      <p>
        The amount leaves L2 at once. When the batch is final, its recipient can claim the amount
        from the contract.
      </p>
      <form class="form" onSubmit={submit} noValidate>
        <AmountField label="Amount" {...amount.field} />
        <div class="field">
          <label for="recipient">To the L1 address</label>
          <input
            id="recipient"
            class="digits"
            spellcheck={false}
            value={recipient}
            aria-invalid={fault !== undefined}
            aria-describedby="recipient-fault"
            onInput={event => setRecipient(event.currentTarget.value)}
          />
          <span id="recipient-fault" class="fault" role="alert">
            {fault}
          </span>
        </div>
        <div>
          <button type="submit" class="main-act" disabled={act.isBusy}>
            Withdraw
          </button>
        </div>
      </form>
      <ActSaid act={act} waiting="Signing in this tab, and sending…" />
    </Panel>
  );
}

export function Exit({ session: { wallet, name } }: { session: Session }) {
  const answer = useAnswer(() => sequencer.account(wallet.owner), wallet.owner);
  const act = useAct();
  const waiting = `Confirm with ${name}, and wait until L1 has mined it.`;
  return (
    <Panel title="Leave without the operator">
      <p>
        An exit asks the contract itself to pay out a whole slot. The sequencer must answer in a
        batch, or the rollup can be frozen. A bond comes back with the amount.
      </p>
      <Answered answer={answer}>
        {({ slots }) => (
          <ul class="plain-list">
            {slots.map(({ slot, balance, token }) => (
              <li key={slot} class="acts">
                <span>
                  Slot {slot} has <Amount amount={balance} token={token} />
                </span>
                <button
                  type="button"
                  disabled={act.isBusy}
                  onClick={() =>
                    act.run(async () => (
                      <>
                        The contract has the request.{" "}
                        <L1Link text={await wallet.requestExit(slot)} />
                      </>
                    ))
                  }
                >
                  Exit slot {slot}
                </button>
                <button
                  type="button"
                  disabled={act.isBusy}
                  onClick={() =>
                    act.run(async () => (
                      <>
                        The contract has credited the slot.{" "}
                        <L1Link text={await wallet.escape(slot)} />
                      </>
                    ))
                  }
                >
                  Escape with slot {slot}, if the rollup is frozen
                </button>
              </li>
            ))}
            {slots.length === 0 && <li class="faint">This wallet has no slot to leave with.</li>}
          </ul>
        )}
      </Answered>
      <div>
        <button
          type="button"
          disabled={act.isBusy}
          onClick={() =>
            act.run(async () => {
              const { length } = await wallet.refunds();
              return length === 0 ? "No request waits." : `The contract has refunded ${length}.`;
            })
          }
        >
          Refund waiting requests, if the rollup is frozen
        </button>
      </div>
      <ActSaid act={act} waiting={waiting} />
    </Panel>
  );
}
