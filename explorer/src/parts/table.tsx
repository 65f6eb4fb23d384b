// Tables, which scroll sideways on their own where the page is narrow.

import type { ComponentChildren } from "preact";

/** A column: its title, and whether its numbers stand at its end. */
export interface Column {
  title: string;
  isNumber?: boolean;
}

interface TableProps<Row> {
  /** What the table has, for those who hear it. */
  caption: string;
  columns: readonly Column[];
  rows: readonly Row[];
  keyOf: (row: Row) => string | number;
  /** The cells of a row, in the order of the columns. */
  cells: (row: Row) => ComponentChildren[];
  /** What is said instead of no rows. */
  empty: string;
}

export function Table<Row>({ caption, columns, rows, keyOf, cells, empty }: TableProps<Row>) {
  if (rows.length === 0) return <p class="faint">{empty}</p>;
  const end = (index: number) => (columns[index]?.isNumber ? "end number" : "");
  return (
    // A box that scrolls must be reachable by keys.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: so that arrow keys scroll it.
    <section class="table-box" tabIndex={0} aria-label={caption}>
      <table>
        <caption class="hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ title }, index) => (
              <th key={title} scope="col" class={end(index)}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <tr key={keyOf(row)}>
              {cells(row).map((cell, index) => (
                <td key={columns[index]?.title ?? index} class={end(index)}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
