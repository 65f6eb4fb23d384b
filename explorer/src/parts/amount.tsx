// An amount with its token's symbol.

import { tokenOf, useTokens } from "../sequencer/tokens.ts";
import { amountText } from "../text/amount.ts";

interface AmountProps {
  /** L2 units. */
  amount: string | bigint;
  token: number;
}

export function Amount({ amount, token }: AmountProps) {
  const named = tokenOf(useTokens(), token);
  return (
    <span class="number">
      {amountText(amount, named)} {named.symbol}
    </span>
  );
}
