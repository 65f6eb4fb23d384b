// The journal of a payroll: which transfers were signed, and what became of each. This browser
// keeps the journal, so that paying can be stopped, and begun again, without paying twice.

import type { Hex, SignedTransactionBody } from "sheaf-sdk";

/** A transfer that was signed for a part of a payroll. */
export interface SignedPart {
  id: string;
  /** L2 units. */
  fee: string;
  /** The transfer, as long as it may have been executed and may have been not. */
  open?: SignedTransactionBody;
}

/** The parts of a payroll for which something was signed, by their places. */
export type SignedParts = Readonly<Record<number, SignedPart>>;

/** What a journal is about. */
export interface Subject {
  /** The keccak256 hash of the payroll's file. */
  file: Hex;
  token: number;
}

/** What is kept. */
export interface Notes extends Subject {
  parts: SignedParts;
}

/** Where a journal is kept. What was put there is durable once the promise is kept. */
export interface Shelf {
  get(): Promise<Notes | undefined>;
  put(notes: Notes): Promise<void>;
}

/** A refusal of a file in whose name another file was paid. */
export class OtherPayments extends Error {
  constructor() {
    super(
      "This browser has a journal of other payments under this file's name: the file or the token \
has changed since. Nobody knows which of these lines were paid.",
    );
  }
}

/** A journal that nobody else writes. */
export class Journal {
  #notes: Notes;

  private constructor(
    readonly shelf: Shelf,
    notes: Notes,
  ) {
    this.#notes = notes;
  }

  /** Opens the journal of a payroll, or begins it; `OtherPayments` if it is another payroll's. */
  static async open(shelf: Shelf, subject: Subject): Promise<Journal> {
    const notes = (await shelf.get()) ?? { ...subject, parts: {} };
    if (notes.file !== subject.file || notes.token !== subject.token) throw new OtherPayments();
    return new Journal(shelf, notes);
  }

  get parts(): SignedParts {
    return this.#notes.parts;
  }

  /** Notes a transfer before it is sent. If this fails, the transfer must not be sent. */
  signed(part: number, signed: SignedPart): Promise<void> {
    return this.#write({ ...this.parts, [part]: signed });
  }

  /** Notes that the sequencer has refused a transfer that it had never seen before. */
  refused(part: number): Promise<void> {
    const { [part]: _, ...others } = this.parts;
    return this.#write(others);
  }

  /** Notes that a part's transfer is durable. */
  executed(part: number): Promise<void> {
    const { [part]: signed, ...others } = this.parts;
    if (signed === undefined) return Promise.resolve();
    const { open: _, ...done } = signed;
    return this.#write({ ...others, [part]: done });
  }

  async #write(parts: SignedParts): Promise<void> {
    const notes = { ...this.#notes, parts };
    await this.shelf.put(notes);
    this.#notes = notes;
  }
}
