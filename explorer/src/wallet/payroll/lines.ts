// The lines of a payroll, all checked before the first is paid.

import { ownerFromText, ownerToText } from "sheaf-sdk";
import type { NamedToken } from "../../sequencer/tokens.ts";
import { readAmount } from "../../text/amount.ts";
import { type LineFault, readTable } from "./table.ts";

/** A payment that a line asks for. */
export interface Line {
  /** The line's number in the file. */
  number: number;
  /** What the file says in its column `owner`: an L2 address, or a name. */
  named: string;
  owner: string;
  /** L2 units. */
  amount: bigint;
  /** A note of the payer, which never leaves this browser. */
  memo: string;
}

/** The owners in an address book, by their names. */
export type Names = ReadonlyMap<string, string>;

/** Reads an address book: a CSV file with the columns `name` and `owner`. */
export function readNames(bytes: Uint8Array): { names: Names } | { faults: LineFault[] } {
  const table = readTable(bytes, ["name", "owner"], 2);
  if ("faults" in table) return table;
  const names = new Map<string, string>();
  const faults: LineFault[] = [];
  for (const { line, cells, fault } of table.rows) {
    const [name = "", text = ""] = cells;
    const owner = ownerIn(text);
    if (fault !== undefined) faults.push({ line, fault });
    else if (name === "") faults.push({ line, fault: "There is no name." });
    else if (owner === undefined) faults.push({ line, fault: `"${text}" is no L2 address.` });
    else if ((names.get(name) ?? owner) !== owner) {
      faults.push({ line, fault: `${name} is there twice, with two owners.` });
    } else names.set(name, owner);
  }
  return faults.length > 0 ? { faults } : { names };
}

/** Reads a payroll: a CSV file with the columns `owner`, `amount` and, if wanted, `memo`. */
export function readLines(
  bytes: Uint8Array,
  names: Names,
  token: NamedToken,
): { lines: Line[] } | { faults: LineFault[] } {
  const table = readTable(bytes, ["owner", "amount", "memo"], 2);
  if ("faults" in table) return table;
  const lines: Line[] = [];
  const faults: LineFault[] = [];
  for (const { line: number, cells, fault } of table.rows) {
    const [named = "", text = "", memo = ""] = cells;
    const owner = names.get(named) ?? ownerIn(named);
    const amount = readAmount(text, token);
    if (fault !== undefined) faults.push({ line: number, fault });
    else if (owner === undefined) faults.push({ line: number, fault: noOwner(named, names) });
    else if (typeof amount !== "bigint") faults.push({ line: number, ...amount });
    else lines.push({ number, named, owner, amount, memo });
  }
  if (faults.length > 0) return { faults };
  if (lines.length === 0) return { faults: [{ line: 1, fault: "The file has no payments." }] };
  return { lines };
}

function ownerIn(text: string): string | undefined {
  try {
    return ownerToText(ownerFromText(text));
  } catch {
    return undefined;
  }
}

const noOwner = (named: string, names: Names): string =>
  `"${named}" is no L2 address${names.size === 0 ? "" : ", and no name of the address book"}.`;
