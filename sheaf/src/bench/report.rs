//! The report of a part: for people a table that compares measures with bounds, for programs one
//! flat JSON object.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

use super::machine::Machine;

/// A bound for a measure, which the table compares with the measured value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Bound {
    AtMost(f64),
    AtLeast(f64),
    /// No bound: the measure is for information.
    None,
}

#[derive(Debug)]
struct Measure {
    key: String,
    value: f64,
    bound: Bound,
}

/// The measures of one part.
#[derive(Debug)]
pub(super) struct Report {
    /// The name of the part, and of its file without `.json`.
    name: &'static str,
    measures: Vec<Measure>,
}

/// A report with its machine, as the JSON object that is written to the file.
#[derive(Debug)]
pub(super) struct Object {
    name: &'static str,
    json: Value,
}

impl Report {
    pub(super) const fn new(name: &'static str) -> Self {
        Self { name, measures: Vec::new() }
    }

    /// Adds a measure. The key names the quantity and its unit.
    pub(super) fn add(&mut self, key: impl Into<String>, value: f64, bound: Bound) {
        self.measures.push(Measure { key: key.into(), value, bound });
    }

    /// The value of a measure that was added.
    pub(super) fn value(&self, key: &str) -> Option<f64> {
        let found = self.measures.iter().find(|measure| measure.key == key);
        found.map(|measure| measure.value)
    }

    /// The flat object: each measure under its key, and machine, cores, revision and date.
    pub(super) fn with_machine(&self, machine: &Machine) -> Object {
        let mut object = Map::new();
        for Measure { key, value, .. } in &self.measures {
            object.insert(key.clone(), number(*value));
        }
        let Machine { machine, cores, revision, date } = machine;
        object.insert("machine".to_owned(), json!(machine));
        object.insert("cores".to_owned(), json!(cores));
        object.insert("revision".to_owned(), json!(revision));
        object.insert("date".to_owned(), json!(date));
        Object { name: self.name, json: Value::Object(object) }
    }
}

impl Object {
    pub(super) const fn json(&self) -> &Value {
        &self.json
    }

    /// Writes the object to `NAME.json` in `folder`, which is made if there is none. Returns the
    /// file.
    ///
    /// # Errors
    /// When the folder or the file cannot be written.
    pub(super) fn write(&self, folder: &Path) -> Result<PathBuf> {
        let path = folder.join(format!("{}.json", self.name));
        let text = serde_json::to_string_pretty(&self.json)? + "\n";
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&path, text))
            .with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "\n{}", self.name)?;
        for Measure { key, value, bound } in &self.measures {
            let (sign, limit, kept) = match bound {
                Bound::AtMost(limit) => ("≤", Some(limit), value <= limit),
                Bound::AtLeast(limit) => ("≥", Some(limit), value >= limit),
                Bound::None => ("", None, true),
            };
            let value = grouped(*value);
            write!(formatter, "\n  {key:<36} {value:>14}")?;
            if let Some(limit) = limit {
                let verdict = if kept { "kept" } else { "MISSED" };
                write!(formatter, "   {sign} {:<12} {verdict}", grouped(*limit))?;
            }
        }
        Ok(())
    }
}

/// Values from here on are rounded to whole numbers.
const WHOLE_FROM: f64 = 1_000.0;

/// A number for programs: whole numbers and values from 1,000 on without a fraction, others with at
/// most three decimals.
fn number(value: f64) -> Value {
    if value.fract() == 0.0 || value >= WHOLE_FROM {
        // A measure is far below 2^53 and never negative.
        json!(value.round() as u64)
    } else {
        json!((value * 1_000.0).round() / 1_000.0)
    }
}

/// A number for people: 1,512,849 or 0.106.
fn grouped(value: f64) -> String {
    let text = number(value).to_string();
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, format!(".{fraction}")),
        None => (text.as_str(), String::new()),
    };
    let mut groups = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            groups.push(',');
        }
        groups.push(digit);
    }
    groups + &fraction
}

/// Runs of each measurement; its figure is the median.
const RUNS: usize = 5;

/// The median of several runs of a measurement.
///
/// # Errors
/// The first error of a run.
pub(super) fn median(mut run: impl FnMut() -> Result<f64>) -> Result<f64> {
    let mut rates = (0..RUNS).map(|_| run()).collect::<Result<Vec<f64>>>()?;
    rates.sort_by(f64::total_cmp);
    Ok(rates[RUNS / 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let mut report = Report::new("proofs");
        report.add("rows_per_entry", 78.112_9, Bound::AtMost(100.0));
        report.add("wrap_constraints", 1_512_849.0, Bound::AtMost(1_000_000.0));
        report.add("transfers_per_batch", 2_047.0, Bound::AtLeast(2_000.0));
        report.add("leaves", 5.0, Bound::None);
        report
    }

    #[test]
    fn the_table_says_which_bounds_are_kept() {
        let text = report().to_string();
        let words: Vec<Vec<&str>> =
            text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(words[2], ["rows_per_entry", "78.113", "≤", "100", "kept"]);
        assert_eq!(words[3], ["wrap_constraints", "1,512,849", "≤", "1,000,000", "MISSED"]);
        assert_eq!(words[4], ["transfers_per_batch", "2,047", "≥", "2,000", "kept"]);
        assert_eq!(words[5], ["leaves", "5"]);
    }

    #[test]
    fn the_object_is_flat_and_names_the_machine() {
        let object = report().with_machine(&Machine::here());
        let json = object.json().as_object().expect("an object");
        assert_eq!(json["rows_per_entry"], json!(78.113));
        assert_eq!(json["wrap_constraints"], json!(1_512_849));
        for key in ["machine", "cores", "revision", "date"] {
            assert!(json.contains_key(key), "{key}");
        }
        assert!(json.values().all(|value| !value.is_object() && !value.is_array()));
    }
}
