//! The rules for functions: how many lines and how many parameters one may have.

use crate::house::{Source, check};

/// Lines of a function, from its name to its last brace.
const FUNCTION_LINES_MAX: usize = 70;
/// Parameters of a function, which are what its callers have to get in order: `self` is none.
const PARAMETERS_MAX: usize = 4;

/// A function as it stands in a file.
#[derive(Debug, PartialEq, Eq)]
struct Function {
    name: String,
    /// Of its first line in the file, from 1.
    line: usize,
    lines: usize,
    parameters: usize,
}

/// The functions of a file, in order. In what rustfmt has laid out, a body ends with the first line
/// that is a brace at the function's own indentation.
fn functions(text: &str) -> Vec<Function> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(signature) = signature(line) else { continue };
        let indentation = &line[..line.len() - line.trim_start().len()];
        let end = format!("{indentation}}}");
        let rest = &lines[index..];
        let has_no_body = |line: &str| line.ends_with(';') || line.ends_with('}');
        let bodiless = format!("{indentation})");
        let is_last =
            |line: &&str| **line == end || line.starts_with(&bodiless) && line.ends_with(';');
        // A function of one line, or of none but its signature, ends there.
        let count = if has_no_body(line) {
            1
        } else {
            rest.iter().position(is_last).map_or(rest.len(), |last| last + 1)
        };
        let (name, _) = signature.split_once(['(', '<']).unwrap_or((signature, ""));
        let text = [&[signature], &rest[1..]].concat().join("\n");
        found.push(Function {
            name: name.to_owned(),
            line: index + 1,
            lines: count,
            parameters: parameters(&text),
        });
    }
    found
}

/// What follows `fn` in a line that begins a function.
fn signature(line: &str) -> Option<&str> {
    const BEFORE: [&str; 6] = ["pub", "pub(crate)", "pub(super)", "const", "async", "unsafe"];
    let mut rest = line.trim_start();
    while let Some((word, after)) = rest.split_once(' ') {
        if word == "fn" {
            return Some(after);
        }
        if !BEFORE.contains(&word) && !word.starts_with("pub(in") {
            return None;
        }
        rest = after;
    }
    None
}

/// How many parameters the first list of them in `text` has, without `self`.
fn parameters(text: &str) -> usize {
    let (mut depth, mut generics, mut before) = (0_usize, 0_usize, ' ');
    let mut found = vec![String::new()];
    for character in text.chars() {
        match character {
            '<' => generics += 1,
            '>' if before != '-' => generics = generics.saturating_sub(1),
            // In front of the list, brackets belong to generics.
            '(' | '[' | '{' if depth > 0 || generics == 0 => depth += 1,
            ')' if depth == 1 => break,
            ')' | ']' | '}' if depth > 1 => depth -= 1,
            ',' if depth == 1 && generics == 0 => found.push(String::new()),
            _ => {}
        }
        if depth > 0 {
            found.last_mut().expect("there is always one").push(character);
        }
        before = character;
    }
    let found = found.iter().map(|one| one.trim_start_matches(['(', ',']).trim());
    found.filter(|one| !["", "self", "&self", "mut self", "&mut self"].contains(one)).count()
}

fn faults_of(source: &Source) -> Vec<String> {
    let mut faults = Vec::new();
    if !source.is_rust() {
        return faults;
    }
    for Function { name, line, lines, parameters } in functions(&source.text) {
        if lines > FUNCTION_LINES_MAX {
            faults.push(format!("{line}: {name} has {lines} lines, at most {FUNCTION_LINES_MAX}"));
        }
        if parameters > PARAMETERS_MAX {
            faults.push(format!(
                "{line}: {name} has {parameters} parameters, at most {PARAMETERS_MAX}"
            ));
        }
    }
    faults
}

#[test]
fn functions_keep_their_length_and_are_told_little() {
    check(faults_of);
}

#[test]
fn functions_are_found_with_their_lines_and_parameters() {
    let text = "\
pub(crate) async fn long<T: Fn(u8, u8) -> u8>(
    &self,
    pair: (u8, u8),
    list: [u8; 3],
    map: BTreeMap<u8, u8>,
) -> Vec<u8> {
    if pair {
    }
}

trait A {
    fn none();
    fn spread(
        a: u8,
    ) -> u8;
    fn two(a: u8, b: impl Fn(&str, u8)) -> u8;
    const fn one(self) -> u8 { 1 }
}
";
    let found = functions(text);
    let found: Vec<_> =
        found.iter().map(|one| (one.name.as_str(), one.line, one.lines, one.parameters)).collect();
    assert_eq!(
        found,
        [
            ("long", 1, 9, 3),
            ("none", 12, 1, 0),
            ("spread", 13, 3, 1),
            ("two", 16, 1, 2),
            ("one", 17, 1, 0)
        ]
    );
}

#[test]
fn a_function_that_is_too_long_or_told_too_much_is_found() {
    let faults = |text: String| faults_of(&Source { path: "a.rs".into(), text }).len();
    let long = |lines: usize| format!("fn f() {{\n{}}}\n", "    g();\n".repeat(lines - 2));
    assert_eq!(faults(long(FUNCTION_LINES_MAX)), 0);
    assert_eq!(faults(long(FUNCTION_LINES_MAX + 1)), 1);
    let told = |count: usize| format!("fn f({}) {{}}\n", vec!["a: u8"; count].join(", "));
    assert_eq!(faults(told(PARAMETERS_MAX)), 0);
    assert_eq!(faults(told(PARAMETERS_MAX + 1)), 1);
}
