import type { WalletAct } from "../route.ts";
export function WalletPage(_: { act: WalletAct; query: URLSearchParams }) {
  return <h1>Wallet</h1>;
}
