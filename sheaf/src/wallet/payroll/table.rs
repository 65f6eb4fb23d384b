//! CSV files as spreadsheets write them: a line with the names of the columns, then the rows.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use csv::{ReaderBuilder, StringRecord, Trim};

/// The largest file that is read: a million lines with long memos.
const FILE_BYTES_MAX: u64 = 256 << 20;

/// A file's content and its rows.
pub(super) struct Table {
    pub content: Vec<u8>,
    pub rows: Vec<Row>,
}

/// A row, with its cells in the order in which the reader named the columns. A column that the file
/// lacks has empty cells.
pub(super) struct Row {
    /// The number of the row's first line in the file.
    pub line: u64,
    pub cells: Vec<String>,
    /// How many cells the row has too many or too few, compared with the first line.
    pub is_uneven: bool,
}

impl Row {
    /// The cell of the column that the reader named at this place.
    pub(super) fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }
}

/// A place in a file, with the number of its line.
struct Place {
    line: u64,
    byte: usize,
}

impl Place {
    /// Goes on to a record at or after this byte. The reader's own line numbers are too low in
    /// files whose lines end with a carriage return and a line feed.
    fn advance(&mut self, text: &[u8], byte: u64) {
        let byte = usize::try_from(byte).unwrap_or(text.len()).clamp(self.byte, text.len());
        let ends = text[byte..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let breaks = text[self.byte..byte + ends].iter().filter(|byte| **byte == b'\n').count();
        *self = Self { line: self.line + breaks as u64, byte: byte + ends };
    }
}

/// Reads a table. The first `needed` of the named `columns` must be there; the order in the file
/// does not matter. Cells may be separated by commas, or all by semicolons.
///
/// # Errors
/// When the file cannot be read, is larger than `FILE_BYTES_MAX`, is not UTF-8, lacks a needed
/// column, has one twice, or has a column of another name.
pub(super) fn read(path: &Path, columns: &[&str], needed: usize) -> Result<Table> {
    let shown = path.display();
    let file = File::open(path).with_context(|| format!("cannot read {shown}"))?;
    let mut content = Vec::new();
    let length = file.take(FILE_BYTES_MAX + 1).read_to_end(&mut content);
    length.with_context(|| format!("cannot read {shown}"))?;
    let size = content.len() as u64;
    ensure!(size <= FILE_BYTES_MAX, "{shown} is larger than {FILE_BYTES_MAX} bytes");
    let text = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&content);
    let head = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let delimiter = if head.contains(&b';') && !head.contains(&b',') { b';' } else { b',' };
    let mut reader =
        ReaderBuilder::new().delimiter(delimiter).flexible(true).trim(Trim::All).from_reader(text);
    let unreadable = || format!("{shown} is no CSV file in UTF-8");
    let header = reader.headers().with_context(unreadable)?.clone();
    let places = places(&header, columns, needed).with_context(|| format!("{shown}, line 1"))?;
    let (mut rows, mut place) = (Vec::new(), Place { line: 1, byte: 0 });
    for record in reader.records() {
        let record = record.with_context(unreadable)?;
        place.advance(text, record.position().map_or(0, csv::Position::byte));
        let cell = |place: &Option<usize>| place.and_then(|place| record.get(place));
        rows.push(Row {
            line: place.line,
            cells: places.iter().map(|place| cell(place).unwrap_or_default().to_owned()).collect(),
            is_uneven: record.len() != header.len(),
        });
    }
    Ok(Table { content, rows })
}

/// Where each of the named columns is in the file.
fn places(header: &StringRecord, columns: &[&str], needed: usize) -> Result<Vec<Option<usize>>> {
    let mut places = vec![None; columns.len()];
    for (place, name) in header.iter().enumerate() {
        let known = columns.iter().position(|column| column.eq_ignore_ascii_case(name));
        match known.map(|column| places[column].replace(place)) {
            None => bail!("'{name}' is no column; the columns are {}", columns.join(", ")),
            Some(Some(_)) => bail!("the column {name} is there twice"),
            Some(None) => {}
        }
    }
    for (column, place) in columns.iter().zip(&places).take(needed) {
        ensure!(place.is_some(), "there is no column {column}: the first line names the columns");
    }
    Ok(places)
}
