// A field for an amount of a token.

import { useId } from "preact/hooks";
import { type NamedToken, useTokens } from "../sequencer/tokens.ts";

interface AmountFieldProps {
  label: string;
  text: string;
  token: NamedToken;
  fault?: string | undefined;
  onText: (text: string) => void;
  /** Where the token is chosen here, too. */
  onToken?: (token: number) => void;
}

export function AmountField({ label, text, token, fault, onText, onToken }: AmountFieldProps) {
  const id = useId();
  const tokens = useTokens();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="with-unit">
        <input
          id={id}
          inputMode="decimal"
          autocomplete="off"
          value={text}
          aria-invalid={fault !== undefined}
          aria-describedby={`${id}-fault`}
          onInput={event => onText(event.currentTarget.value)}
        />
        {onToken === undefined || tokens.length < 2 ? (
          <span>{token.symbol}</span>
        ) : (
          <select
            aria-label="Token"
            value={token.token}
            onChange={event => onToken(Number(event.currentTarget.value))}
          >
            {tokens.map(({ token, symbol }) => (
              <option key={token} value={token}>
                {symbol}
              </option>
            ))}
          </select>
        )}
      </div>
      <span id={`${id}-fault`} class="fault" role="alert">
        {fault}
      </span>
    </div>
  );
}
