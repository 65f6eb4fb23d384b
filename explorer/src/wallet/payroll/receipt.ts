// The receipt of a payroll: each line with its transaction and how far that has come.

import type { Api } from "sheaf-sdk";
import type { SignedPart, SignedParts } from "./journal.ts";
import type { Line } from "./lines.ts";
import { partsOf } from "./paying.ts";

const COLUMNS = ["line", "owner", "named", "units", "memo", "id", "stage", "batch"];

/**
 * A CSV file with a line for each line of the payroll. A line that was not sent has neither id nor
 * stage. Amounts are L2 units.
 */
export async function receiptOf(
  lines: readonly Line[],
  signed: SignedParts,
  api: Pick<Api, "transaction">,
): Promise<string> {
  const rows: unknown[][] = [COLUMNS];
  for (const [part, payments] of partsOf(lines).entries()) {
    const known = await knownOf(signed[part], api);
    for (const { number, owner, named, amount, memo } of payments) {
      rows.push([number, owner, named, amount, memo, ...known]);
    }
  }
  return rows.map(row => `${row.map(cellOf).join(",")}\n`).join("");
}

/** Id, stage and batch. A sequencer that does not answer leaves what the journal knows. */
async function knownOf(
  signed: SignedPart | undefined,
  api: Pick<Api, "transaction">,
): Promise<unknown[]> {
  if (signed === undefined) return ["", "", ""];
  const { id, open } = signed;
  try {
    const { stage, batch } = await api.transaction(id);
    return [id, stage, batch ?? ""];
  } catch {
    return [id, open === undefined ? "executed" : "unknown", ""];
  }
}

/** A cell, in quotation marks where it needs them. */
function cellOf(value: unknown): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
