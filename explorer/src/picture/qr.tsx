// A QR code.

import { generate } from "lean-qr/nano";

/** Light modules around the code, without which cameras do not find it. */
const BORDER = 4;

export function QrCode({ text, what }: { text: string; what: string }) {
  const code = generate(text);
  const side = code.size + 2 * BORDER;
  const places = Array.from({ length: code.size ** 2 }, (_, place) => ({
    x: place % code.size,
    y: Math.floor(place / code.size),
  }));
  const path = places.map(({ x, y }) => (code.get(x, y) ? `M${x} ${y}h1v1h-1z` : "")).join("");
  return (
    <svg class="qr" viewBox={`${-BORDER} ${-BORDER} ${side} ${side}`} role="img" aria-label={what}>
      <path d={path} fill="#000" shape-rendering="crispEdges" />
    </svg>
  );
}
