// Asking to be paid: an address, a link and a QR code.

import { useState } from "preact/hooks";
import { Copy, Digits } from "../parts/links.tsx";
import { Panel } from "../parts/panel.tsx";
import { QrCode } from "../picture/qr.tsx";
import { tokenOf, useTokens } from "../sequencer/tokens.ts";
import { readAmount } from "../text/amount.ts";
import { AmountField } from "./amount_field.tsx";
import type { Session } from "./session.ts";

/** The link that opens the form for a payment, filled in. */
export function askingLink(
  origin: string,
  { owner, amount, token }: { owner: string; amount: string; token: number },
): string {
  const query = new URLSearchParams({ to: owner });
  if (amount !== "") query.set("amount", amount.replace(/\s/g, ""));
  if (token !== 0) query.set("token", `${token}`);
  return `${origin}/wallet/send?${query}`;
}

export function Ask({ session: { wallet } }: { session: Session }) {
  const [amount, setAmount] = useState("");
  const [number, setNumber] = useState(0);
  const token = tokenOf(useTokens(), number);
  const read = amount === "" ? undefined : readAmount(amount, token);
  const fault = typeof read === "object" ? read.fault : undefined;
  const { owner } = wallet;
  const wanted = fault === undefined ? amount : "";
  const link = askingLink(location.origin, { owner, amount: wanted, token: token.token });
  return (
    <Panel title="Ask to be paid">
      <p>
        Your L2 address is <Digits text={owner} whole /> <Copy text={owner} what="your address" />
      </p>
      <div class="form">
        <AmountField
          label="Amount, if you want to name one"
          text={amount}
          token={token}
          fault={fault}
          onText={setAmount}
          onToken={setNumber}
        />
      </div>
      <QrCode text={link} what="QR code of the link below" />
      <p class="small">
        <a class="digits" href={link}>
          {link}
        </a>{" "}
        <Copy text={link} what="the link" />
      </p>
    </Panel>
  );
}
