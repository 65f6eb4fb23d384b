// CSV files as spreadsheets write them: a line with the names of the columns, then the rows.

/** The largest file that is read: some 800,000 payments. */
export const FILE_BYTES_MAX = 64 * 1024 * 1024;

/** What is wrong with a line of a file. */
export interface LineFault {
  line: number;
  fault: string;
}

/** A row, with its cells in the order of the columns that were asked for. */
export interface Row {
  /** The number of the row's first line in the file. */
  line: number;
  /** Empty where the file lacks the column. */
  cells: string[];
  fault?: string;
}

/** A file's rows, or why it is no table of these columns. */
export type Table = { rows: Row[] } | { faults: LineFault[] };

/**
 * Reads a table. The first `needed` of the named columns must be there; the order in the file does
 * not matter. Cells are separated by commas, or all by semicolons.
 */
export function readTable(bytes: Uint8Array, columns: readonly string[], needed: number): Table {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return faulty("The file is no text in UTF-8.");
  }
  const [head, ...rest] = recordsOf(text);
  const names = head?.cells.map(name => name.toLowerCase()) ?? [];
  for (const [place, name] of names.entries()) {
    if (!columns.includes(name)) {
      return faulty(`"${name}" is no column: the columns are ${columns.join(", ")}.`);
    }
    if (names.indexOf(name) !== place) return faulty(`The column ${name} is there twice.`);
  }
  const missing = columns.slice(0, needed).find(column => !names.includes(column));
  if (missing !== undefined) {
    return faulty(`There is no column ${missing}: the first line names the columns.`);
  }
  const places = columns.map(column => names.indexOf(column));
  const rows = rest.map(({ line, cells, isOpen }): Row => {
    const row = { line, cells: places.map(place => cells[place] ?? "") };
    if (isOpen) return { ...row, fault: "A quotation mark is not closed, or closes too early." };
    if (cells.length === names.length) return row;
    return { ...row, fault: "The line has another number of cells than the first line." };
  });
  return { rows };
}

const faulty = (fault: string): Table => ({ faults: [{ line: 1, fault }] });

/** A line's cells as they are in the file. */
interface Written {
  line: number;
  cells: string[];
  /** Whether a cell begins with a quotation mark that ends no cell. */
  isOpen: boolean;
}

/** The lines of a text that are not empty. A cell in quotation marks may have line breaks. */
function recordsOf(text: string): Written[] {
  const [head = ""] = text.split(/[\r\n]/, 1);
  const separator = head.includes(";") && !head.includes(",") ? ";" : ",";
  const end = `(${separator}|\\r\\n?|\\n|$)`;
  const quoted = '[ \\t]*"([^"]*(?:""[^"]*)*)"[ \\t]*';
  const cell = new RegExp(`(?:${quoted}|([^${separator}\\r\\n]*))${end}`, "y");
  const records: Written[] = [];
  let line = 1;
  let record: Written = { line, cells: [], isOpen: false };
  for (;;) {
    // The second form takes any text, so there always is a cell.
    const [whole = "", inside, plain = "", ending] = cell.exec(text) ?? [];
    line += whole.match(/\r\n?|\n/g)?.length ?? 0;
    record.cells.push((inside?.replaceAll('""', '"') ?? plain).trim());
    record.isOpen ||= inside === undefined && plain.trimStart().startsWith('"');
    if (ending === separator) continue;
    if (record.cells.length > 1 || record.cells[0] !== "") records.push(record);
    if (ending === "" || ending === undefined) return records;
    record = { line, cells: [], isOpen: false };
  }
}
