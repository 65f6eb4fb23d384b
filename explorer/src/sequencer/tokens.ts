// The tokens' names and units, asked once.

import { useEffect, useState } from "preact/hooks";
import type { Token } from "./bodies.ts";
import { sequencer } from "./sequencer.ts";

/** Ether, whose L2 unit is the gwei: known without asking. */
export const ETHER: Token = {
  token: 0,
  address: "0x0000000000000000000000000000000000000000",
  symbol: "ETH",
  decimals: 18,
  scale: "1000000000",
};

/** A token of which nothing is known: its amounts are shown in L2 units. */
const unnamed = (token: number): Token => ({
  token,
  address: "",
  symbol: `units of token ${token}`,
  decimals: 0,
  scale: "1",
});

let asked: Promise<Token[]> | undefined;

/** The tokens that the sequencer serves; ether alone where it does not say. */
export function useTokens(): Token[] {
  const [tokens, setTokens] = useState<Token[]>([ETHER]);
  useEffect(() => {
    asked ??= sequencer.tokens().catch(() => [ETHER]);
    void asked.then(setTokens);
  }, []);
  return tokens;
}

/** One of these tokens. */
export const tokenOf = (tokens: readonly Token[], token: number): Token =>
  tokens.find(each => each.token === token) ?? unnamed(token);
