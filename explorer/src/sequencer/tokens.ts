// The tokens' names and units, asked once.

import { useEffect, useState } from "preact/hooks";
import type { TokenBody } from "sheaf-sdk";
import { sequencer } from "./sequencer.ts";

/** A token with everything that its amounts need to be shown. */
export type NamedToken = Required<Pick<TokenBody, "token" | "symbol" | "decimals" | "scale">>;

/** Ether, whose L2 unit is the gwei: known without asking. */
export const ETHER: NamedToken = {
  token: 0,
  symbol: "ETH",
  decimals: 18,
  scale: "1000000000",
};

/** A token of which nothing is known: its amounts are shown in L2 units. */
const unnamed = (token: number): NamedToken => ({
  token,
  symbol: `units of token ${token}`,
  decimals: 0,
  scale: "1",
});

function named({ token, symbol, decimals, scale }: TokenBody): NamedToken {
  const name = symbol === "" ? `token ${token}` : symbol;
  return decimals == null ? unnamed(token) : { token, symbol: name, decimals, scale };
}

let asked: Promise<NamedToken[]> | undefined;

/** The tokens that the sequencer serves; ether alone where it does not say. */
export function useTokens(): NamedToken[] {
  const [tokens, setTokens] = useState<NamedToken[]>([ETHER]);
  useEffect(() => {
    asked ??= sequencer.tokens().then(
      ({ tokens }) => tokens.map(named),
      () => [ETHER],
    );
    void asked.then(setTokens);
  }, []);
  return tokens;
}

/** One of these tokens. */
export const tokenOf = (tokens: readonly NamedToken[], token: number): NamedToken =>
  tokens.find(each => each.token === token) ?? unnamed(token);
