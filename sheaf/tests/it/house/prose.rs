//! Prose in Markdown must wrap, and its links must lead to a file or a heading.
//!
//! Tables, code and links cannot be wrapped, so they are exempt from the width. Links to other
//! sites are not followed, because tests need no network.

use std::collections::BTreeSet;
use std::fs;

use crate::house::{Source, check_all, every_file, root};

/// Characters in a line of prose.
const PROSE_CHARACTERS_MAX: usize = 100;

/// Every page that a person wrote.
fn every_page() -> Vec<Source> {
    let pages = every_file(&["md"]);
    assert!(pages.len() > 10, "the walk found the pages");
    pages
}

/// The lines outside of code blocks, with their numbers.
fn prose_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut is_code = false;
    (1..).zip(text.lines()).filter(move |(_, line)| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    })
}

fn wide_lines_in(page: &Source) -> Vec<String> {
    let wide = |line: &str| line.chars().count() > PROSE_CHARACTERS_MAX && can_be_wrapped(line);
    let lines = prose_lines(&page.text).filter(|(_, line)| wide(line));
    lines
        .map(|(number, _)| format!("line {number} is longer than {PROSE_CHARACTERS_MAX}"))
        .collect()
}

/// Whether a line has a place to break: no row of a table, no definition of a link, and more than
/// one word or one link behind its marker.
fn can_be_wrapped(line: &str) -> bool {
    let text = line.trim().trim_start_matches(['>', '-', '*', ' ']);
    let is_row = text.starts_with('|');
    let is_definition = text.starts_with('[') && text.contains("]: ");
    let is_link = text.starts_with('[') && text.find(')') == Some(text.len() - 1);
    text.contains(' ') && !is_row && !is_definition && !is_link
}

/// A line without its inline code, in which brackets are not links.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect()
}

/// What the links of a line point to: `[text](target)`, and `[name]: target`.
fn targets_in(line: &str) -> Vec<String> {
    let line = without_code(line);
    let inline = line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
    let definition = line.starts_with('[').then(|| line.split_once("]: ")).flatten();
    let defined = definition.and_then(|(_, rest)| rest.split_whitespace().next());
    inline.chain(defined).map(str::to_owned).collect()
}

/// A heading's anchor as GitHub makes it: lower case, no punctuation, a hyphen for each space.
fn anchor_of(heading: &str) -> String {
    let letters =
        heading.chars().filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter));
    letters
        .map(|letter| if letter == ' ' { '-' } else { letter })
        .collect::<String>()
        .to_lowercase()
}

/// The anchors of a page. A heading that repeats an earlier one gets a number.
fn anchors_in(text: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    for (_, line) in prose_lines(text) {
        let heading = line.trim_start_matches('#');
        if heading.len() < line.len() && heading.starts_with(' ') {
            let anchor = anchor_of(heading.trim());
            let repeated = (1..).map(|count| format!("{anchor}-{count}"));
            let free = std::iter::once(anchor.clone()).chain(repeated);
            let free = free.into_iter().find(|anchor| !anchors.contains(anchor));
            anchors.extend(free);
        }
    }
    anchors
}

fn broken_links_in(page: &Source) -> Vec<String> {
    let links = prose_lines(&page.text).flat_map(|(number, line)| {
        targets_in(line).into_iter().map(move |target| (number, target))
    });
    let inside = links.filter(|(_, target)| !target.contains("://"));
    let broken = inside.filter(|(_, target)| !leads_somewhere(page, target));
    broken.map(|(number, target)| format!("line {number} links to {target}")).collect()
}

/// Whether a relative link points to a file or a folder, and its anchor to a heading.
fn leads_somewhere(page: &Source, target: &str) -> bool {
    let (path, anchor) = match target.split_once('#') {
        Some((path, anchor)) => (path, Some(anchor)),
        None => (target, None),
    };
    let place = page.path.parent().map_or_else(root, |folder| root().join(folder)).join(path);
    let has = |text: &str| anchor.is_none_or(|anchor| anchors_in(text).contains(anchor));
    match (path, anchor) {
        ("", _) => has(&page.text),
        (_, None) => place.exists(),
        (_, Some(_)) => fs::read_to_string(place).is_ok_and(|text| has(&text)),
    }
}

#[test]
fn prose_wraps() {
    check_all(&every_page(), wide_lines_in);
}

#[test]
fn links_lead_somewhere() {
    check_all(&every_page(), broken_links_in);
}

fn page(text: &str) -> Source {
    Source { path: "docs/a.md".into(), text: text.to_owned() }
}

#[test]
fn a_wide_line_is_found_unless_nothing_can_be_wrapped() {
    let wide = "word ".repeat(PROSE_CHARACTERS_MAX / 5) + "x";
    for prefix in ["", "- ", "  > "] {
        let line = format!("{prefix}{wide}");
        assert_eq!(wide_lines_in(&page(&line)).len(), 1, "{line}");
    }
    let fits = "é".repeat(PROSE_CHARACTERS_MAX - 2) + " é";
    let word = "x".repeat(PROSE_CHARACTERS_MAX + 1);
    let code = format!("```\n{wide}\n```\n");
    let row = format!("| {wide} |");
    let link = format!("- [{wide}]({word})");
    let definition = format!("[name]: {word} \"title\"");
    for text in [fits, word, code, row, link, definition] {
        assert_eq!(wide_lines_in(&page(&text)), [""; 0], "{text}");
    }
    let after_code = format!("```\nx\n```\n{wide}\n");
    assert_eq!(wide_lines_in(&page(&after_code)), ["line 4 is longer than 100"]);
    let after_link = format!("[a](b) {wide}");
    assert_eq!(wide_lines_in(&page(&after_link)).len(), 1);
}

#[test]
fn a_link_to_nothing_is_found() {
    for broken in [
        "see [a](missing.md)",
        "see [a](../README.md) and [b](../missing.md)",
        "see [a](missing.md \"title\")",
        "[name]: missing.md",
        "![a](missing.png)",
        "see [a](#missing)",
        "see [a](../README.md#missing)",
        "see [a](missing.md#licence)",
        "# A\n\nsee [a](#a-1)",
        "`code` [a](missing.md) `code`",
    ] {
        assert_eq!(broken_links_in(&page(broken)).len(), 1, "{broken}");
    }
    for sound in [
        "see [a](../README.md) and [b](protocol.md)",
        "see [a](decisions/)",
        "[name]: ../README.md",
        "see [a](https://example.org/missing.md)",
        "see [a](../README.md#licence)",
        "# One, two: `three`!\n\nsee [a](#one-two-three)",
        "# A\n\n# A\n\nsee [a](#a-1)",
        "`[a](missing.md)`",
        "```\n[a](missing.md)\n```\n",
    ] {
        assert_eq!(broken_links_in(&page(sound)), [""; 0], "{sound}");
    }
}
