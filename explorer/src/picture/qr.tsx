// A QR code.

import { encode } from "uqr";

/** Light modules around the code, without which cameras do not find it. */
const BORDER = 4;

export function QrCode({ text, what }: { text: string; what: string }) {
  const { data, size } = encode(text, { border: BORDER });
  const path = data
    .flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : "")))
    .join("");
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={what}>
      <path d={path} fill="#000" shape-rendering="crispEdges" />
    </svg>
  );
}
