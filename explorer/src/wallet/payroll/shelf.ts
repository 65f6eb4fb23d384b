// Journals in this browser's database, each in the hands of one tab at a time.

import { Journal, type Notes, type Subject } from "./journal.ts";

const STORE = "payrolls";

/** Opens a file's journal, does something with it, and keeps other tabs from it meanwhile. */
export function withJournal<T>(
  name: string,
  subject: Subject,
  deed: (journal: Journal) => Promise<T>,
): Promise<T> {
  return alone(name, async () => {
    // A browser that is short of space forgets what no page has asked it to keep.
    void navigator.storage?.persist?.();
    const get = () => inStore<Notes | undefined>("readonly", store => store.get(name));
    const put = async (notes: Notes) => {
      await inStore("readwrite", store => store.put(notes, name));
    };
    return deed(await Journal.open({ get, put }, subject));
  });
}

/** Forgets a file's journal. */
export const forget = (name: string): Promise<void> =>
  alone(name, () => inStore("readwrite", store => store.delete(name)));

async function alone<T>(name: string, deed: () => Promise<T>): Promise<T> {
  if (navigator.locks === undefined) {
    throw new Error("Browsers keep journals for pages at https:// and of this machine alone.");
  }
  return navigator.locks.request(`${STORE} ${name}`, { ifAvailable: true }, lock => {
    if (lock === null) throw new Error("This file is at work already, perhaps in another tab.");
    return deed();
  });
}

async function inStore<T>(
  mode: IDBTransactionMode,
  act: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const opening = indexedDB.open("sheaf", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await answerOf(opening);
  try {
    // Strict: complete means on the disk, not only on its way there.
    const transaction = database.transaction(STORE, mode, { durability: "strict" });
    const complete = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
    });
    const answer = answerOf(act(transaction.objectStore(STORE)));
    return (await Promise.all([answer, complete]))[0];
  } finally {
    database.close();
  }
}

const answerOf = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
