//! A file of pins: one line for each part of a thing, `name: counts and digest`, compared with what
//! is found.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Set to `write`, this variable has files of pins written anew; the run then fails, and says so.
const VARIABLE: &str = "SHEAF_PINS";

/// Compares a file in `pins/` with the text found, or writes that text if `VARIABLE` asks for it.
///
/// # Panics
/// With `complaint` and every line that differs.
pub(crate) fn compare(file: &str, found: &str, complaint: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("pins").join(file);
    if std::env::var(VARIABLE).is_ok_and(|value| value == "write") {
        fs::write(&file, found).expect("the file can be written");
        panic!("{} is written anew: review it, then run without {VARIABLE}", file.display());
    }
    let pinned = fs::read_to_string(file).expect("the file of pins is there");
    let differences = differences(&pinned, found);
    assert!(
        differences.is_empty(),
        "{complaint}. If the change is meant, run this test with {VARIABLE}=write and review the \
         file.\n{}",
        differences.join("\n")
    );
    assert_eq!(pinned, found, "the same pins, but not the same text");
}

/// The file's lines by the name of the part that they pin.
fn pinned(text: &str) -> BTreeMap<&str, &str> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut pins = BTreeMap::new();
    for line in lines {
        let (name, pin) = line.split_once(": ").expect("a line is a name and a pin");
        assert!(pins.insert(name, pin).is_none(), "{name} is pinned twice");
    }
    pins
}

/// The parts whose lines differ between two texts, each with both lines.
fn differences(pinned_text: &str, found_text: &str) -> Vec<String> {
    let (was, is) = (pinned(pinned_text), pinned(found_text));
    let names: BTreeSet<&str> = was.keys().chain(is.keys()).copied().collect();
    let pin = |pin: Option<&&str>| pin.map_or("nothing", |pin| *pin).to_owned();
    let differing = names.into_iter().filter(|name| was.get(name) != is.get(name));
    let lines = differing.map(|name| {
        format!("{name}\n  pinned {}\n  found  {}", pin(was.get(name)), pin(is.get(name)))
    });
    lines.collect()
}

/// A pin that no change moves is none: each of these texts differs in one part.
#[test]
fn a_difference_names_the_part() {
    let was = "# of no account\nentry rows: 3 aa\nentry copies: 4 bb\n";
    assert_eq!(differences(was, was), Vec::<String>::new());
    let rows = differences(was, "entry rows: 3 ab\nentry copies: 4 bb\n");
    assert_eq!(rows, ["entry rows\n  pinned 3 aa\n  found  3 ab"]);
    let copies = differences(was, "entry rows: 3 aa\n");
    assert_eq!(copies, ["entry copies\n  pinned 4 bb\n  found  nothing"]);
    let more = differences(was, &format!("{was}data rows: 5 cc\n"));
    assert_eq!(more, ["data rows\n  pinned nothing\n  found  5 cc"]);
}
