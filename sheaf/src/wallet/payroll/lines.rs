//! The lines of a payroll, all checked before the first is paid.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;

use alloy::primitives::{B256, keccak256};
use anyhow::{Result, bail, ensure};
use sheaf_client::{Payment, Token};
use sheaf_ledger::Owner;

use super::table::{self, Row};

/// The most lines of a file.
const LINES_MAX: usize = 1_000_000;
/// Faults that are listed; the others are counted.
const FAULTS_SHOWN_MAX: usize = 20;

/// A payment that a line asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// The line's number in the file.
    pub number: u64,
    /// What the file says in its column `owner`: an L2 address, or a name.
    pub named: String,
    pub payment: Payment,
    /// A note of the payer, which never leaves this machine.
    pub memo: String,
}

/// A whole file.
#[derive(Debug)]
pub(super) struct Payroll {
    /// The keccak256 hash of the file, which names it.
    pub file: B256,
    pub lines: Vec<Line>,
}

/// The names of an address book.
pub(super) type Names = HashMap<String, Owner>;

/// Reads an address book: a CSV file with the columns `name` and `owner`.
///
/// # Errors
/// When the file cannot be read; with every fault and its line.
pub(super) fn read_names(path: &Path) -> Result<Names> {
    let table = table::read(path, &["name", "owner"], 2)?;
    let (mut names, mut faults) = (Names::new(), Vec::new());
    for row in &table.rows {
        let (name, owner) = (row.cell(0), row.cell(1));
        match owner.parse() {
            _ if name.is_empty() => faults.push((row.line, "there is no name".to_owned())),
            Err(_) => faults.push((row.line, format!("'{owner}' is no L2 address"))),
            Ok(owner) => {
                if names.insert(name.to_owned(), owner).is_some_and(|earlier| earlier != owner) {
                    faults.push((row.line, format!("{name} is there twice, with two owners")));
                }
            }
        }
    }
    refuse(path, &faults)?;
    Ok(names)
}

/// Reads a payroll: a CSV file with the columns `owner`, `amount` and, if wanted, `memo`.
///
/// # Errors
/// When the file cannot be read, or has no lines or more than `LINES_MAX`; with every fault and its
/// line.
pub(super) fn read(path: &Path, names: &Names, token: &Token) -> Result<Payroll> {
    let table = table::read(path, &["owner", "amount", "memo"], 2)?;
    ensure!(!table.rows.is_empty(), "{} has no payments", path.display());
    let count = table.rows.len();
    ensure!(count <= LINES_MAX, "{} has {count} payments, more than {LINES_MAX}", path.display());
    let (mut lines, mut faults) = (Vec::with_capacity(count), Vec::new());
    for row in table.rows {
        match line(&row, names, token) {
            Ok(line) => lines.push(line),
            Err(fault) => faults.push((row.line, format!("{fault:#}"))),
        }
    }
    refuse(path, &faults)?;
    Ok(Payroll { file: keccak256(&table.content), lines })
}

fn line(row: &Row, names: &Names, token: &Token) -> Result<Line> {
    let (named, amount) = (row.cell(0), row.cell(1));
    ensure!(!row.is_uneven, "the line has another number of cells than the first line");
    let owner = match (names.get(named), named.parse()) {
        (Some(owner), _) => *owner,
        (None, Ok(owner)) => owner,
        (None, Err(_)) if names.is_empty() => bail!("'{named}' is no L2 address"),
        (None, Err(_)) => bail!("'{named}' is no L2 address, and no name of the address book"),
    };
    let payment = Payment { owner, amount: token.parse(amount)? };
    let (named, memo) = (named.to_owned(), row.cell(2).to_owned());
    Ok(Line { number: row.line, named, payment, memo })
}

/// Lists the faults of a file, if there are any.
fn refuse(path: &Path, faults: &[(u64, String)]) -> Result<()> {
    if faults.is_empty() {
        return Ok(());
    }
    let mut text = format!("{} has {} faults; nothing was paid", path.display(), faults.len());
    for (line, fault) in faults.iter().take(FAULTS_SHOWN_MAX) {
        // Writing to a string never fails.
        let _ = write!(text, "\n  line {line}: {fault}");
    }
    if let Some(more) = faults.len().checked_sub(FAULTS_SHOWN_MAX).filter(|more| *more > 0) {
        let _ = write!(text, "\n  and {more} more");
    }
    bail!(text)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const OWNER: fn() -> String = || Owner::default().to_string();

    fn parsed(content: &str, names: &Names) -> Result<Payroll> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("payroll.csv");
        fs::write(&path, content).expect("it is ours");
        read(&path, names, &Token::ether())
    }

    fn refused(content: &str) -> String {
        format!("{:#}", parsed(content, &Names::new()).expect_err("it has a fault"))
    }

    #[test]
    fn a_spreadsheet_s_file_is_read_as_it_is_meant() {
        let owner = OWNER();
        let names = Names::from([("Ann".to_owned(), Owner::default())]);
        for content in [
            format!("owner,amount,memo\n{owner},1.5,\"rent, May\"\nAnn,2,\n"),
            format!("\u{feff}Memo;Amount;Owner\r\n\"rent, May\";1.5;{owner}\r\n;2;Ann\r\n"),
        ] {
            let payroll = parsed(&content, &names).expect("it has no faults");
            let told: Vec<_> = payroll
                .lines
                .iter()
                .map(|line| {
                    (line.number, line.named.as_str(), line.payment.amount, line.memo.as_str())
                })
                .collect();
            let expected =
                [(2, owner.as_str(), 1_500_000_000, "rent, May"), (3, "Ann", 2_000_000_000, "")];
            assert_eq!(told, expected);
            assert!(payroll.lines.iter().all(|line| line.payment.owner == Owner::default()));
        }
    }

    #[test]
    fn every_fault_is_told_with_its_line() {
        let owner = OWNER();
        let said =
            refused(&format!("owner,amount\n{owner},1\nAnn,1\n{owner},x\n{owner},0\n{owner}\n"));
        assert!(said.contains("4 faults; nothing was paid"), "{said}");
        for fault in ["line 3: 'Ann' is no L2", "line 4: 'x'", "line 5: ", "line 6: "] {
            assert!(said.contains(fault), "{fault} in {said}");
        }
        assert!(!said.contains("line 2"), "{said}");
        let many = format!("owner,amount\n{}", "Ann,1\n".repeat(FAULTS_SHOWN_MAX + 3));
        assert!(refused(&many).ends_with("\n  and 3 more"));
    }

    #[test]
    fn a_file_without_the_columns_or_without_lines_is_refused() {
        for (content, fault) in [
            ("owner,memo\n", "there is no column amount"),
            ("owner,amount,owner\n", "the column owner is there twice"),
            ("owner,amount,salary\n", "'salary' is no column"),
            ("owner,amount\n", "has no payments"),
            ("", "there is no column owner"),
        ] {
            let said = refused(content);
            assert!(said.contains(fault), "{fault} in {said}");
        }
    }

    #[test]
    fn a_name_with_two_owners_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("names.csv");
        let other = Owner::from_bytes([1; 24]).expect("an owner");
        let owner = OWNER();
        fs::write(&path, format!("name,owner\nAnn,{owner}\nAnn,{owner}\n")).expect("it is ours");
        assert_eq!(read_names(&path).expect("they are the same").len(), 1);
        fs::write(&path, format!("name,owner\nAnn,{owner}\nAnn,{other}\n")).expect("it is ours");
        let said = format!("{:#}", read_names(&path).expect_err("whom to pay?"));
        assert!(said.contains("line 3: Ann is there twice"), "{said}");
    }
}
