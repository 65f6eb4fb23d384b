// A QR code.

import { generate } from "lean-qr";
import { toSvgPath } from "lean-qr/extras/svg";

/** Light modules around the code, without which cameras do not find it. */
const BORDER = 4;

export function QrCode({ text, what }: { text: string; what: string }) {
  const code = generate(text);
  const side = code.size + 2 * BORDER;
  return (
    <svg
      class="qr"
      viewBox={`${-BORDER} ${-BORDER} ${side} ${side}`}
      role="img"
      aria-label={what}
    >
      <path d={toSvgPath(code)} fill="#000" shape-rendering="crispEdges" />
    </svg>
  );
}
