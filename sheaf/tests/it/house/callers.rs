//! Every public item must have a caller outside tests.
//!
//! Callers are found by name in the whole workspace. A caller is a word of the product's code or of
//! an example that is neither in the item itself, nor in a re-export or the head of an `impl`. A
//! method is called behind a dot or a type; every other item is not. If two items have the same
//! name and kind, a call of one counts for both, so an unused item may be missed. An item that the
//! test reports has no caller.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::house::tokens::{Kind, Token, product_tokens};
use crate::house::{Source, every_source};

/// Items that only programs outside this workspace call, and why each is offered to them: the
/// crate's folder, the name, the reason.
const OFFERED: &[(&str, &str, &str)] = &[
    ("sequencer", "metrics_address", "like `address`, where the system chose the port"),
    ("ledger", "serialize", "`serde(with = …)` names only the module"),
];

/// A public item as it stands in a file.
#[derive(Debug)]
struct Item<'a> {
    name: &'a str,
    /// Its name's place among the file's tokens.
    at: usize,
    /// Whether it belongs to a type: a method, or what is written behind the type's name.
    is_of_type: bool,
    /// What of the file is the item itself, by tokens: its definition, and a type's `impl`s.
    own: Vec<Range<usize>>,
}

/// The product's code of one file.
struct File<'a> {
    source: &'a Source,
    tokens: Vec<Token<'a>>,
    /// Re-exports and heads of `impl`, where a name calls nothing, by tokens.
    silent: Vec<Range<usize>>,
}

impl<'a> File<'a> {
    fn read(source: &'a Source) -> Self {
        let tokens = product_tokens(&source.text);
        let mut silent = Vec::new();
        for start in 0..tokens.len() {
            let end = if tokens[start].is("impl") && begins_item(&tokens, start) {
                position(&tokens, start, "{")
            } else if tokens[start].is("use") && is_public(&tokens, start) {
                position(&tokens, start, ";")
            } else {
                continue;
            };
            silent.push(start..end);
        }
        Self { source, tokens, silent }
    }

    /// The public items that the file defines.
    fn items(&self) -> Vec<Item<'a>> {
        const KINDS: [&str; 7] = ["fn", "const", "static", "struct", "enum", "trait", "type"];
        let mut found = Vec::new();
        for (start, token) in self.tokens.iter().enumerate() {
            if !token.is("pub") || self.tokens.get(start + 1).is_some_and(|next| next.is("(")) {
                continue;
            }
            let words = self.tokens[start + 1..].iter().take_while(|token| token.is_word());
            let words: Vec<&Token<'a>> = words.collect();
            // `pub const fn name` has two of these words: the last one counts.
            let kind = words.iter().rposition(|word| KINDS.contains(&word.text));
            let Some(kind) = kind.filter(|kind| kind + 1 < words.len()) else { continue };
            let (name, at) = (words[kind + 1].text, start + 1 + kind + 1);
            let definition = start..end_of_item(&self.tokens, start);
            let mut own = Vec::from([definition]);
            if ["struct", "enum", "trait", "type"].contains(&words[kind].text) {
                own.extend(self.implementations(name));
            }
            found.push(Item { name, at, is_of_type: self.is_in_implementation(at), own });
        }
        found
    }

    fn is_in_implementation(&self, at: usize) -> bool {
        let heads = self.silent.iter().filter(|head| self.tokens[head.start].is("impl"));
        heads
            .map(|head| head.start..end_of_item(&self.tokens, head.start))
            .any(|of| of.contains(&at))
    }

    /// Whether a word that stands here is called as what belongs to a type is.
    fn is_called_of_type(&self, at: usize) -> bool {
        let before = |distance| at.checked_sub(distance).map(|place| self.tokens[place]);
        let follows = |mark| self.tokens.get(at + 1).is_some_and(|next| next.is(mark));
        match before(1) {
            // A field has no arguments behind it.
            Some(mark) if mark.is(".") => follows("(") || follows("::"),
            Some(mark) if mark.is("::") => before(2)
                .is_some_and(|owner| owner.is(">") || owner.text.starts_with(char::is_uppercase)),
            _ => false,
        }
    }

    /// Whether a word here can call the item, given that the names agree.
    fn calls(&self, at: usize, item: &Item<'_>) -> bool {
        self.tokens[at].kind == Kind::Literal || self.is_called_of_type(at) == item.is_of_type
    }

    /// The `impl`s of a type in its own file.
    fn implementations(&self, name: &str) -> impl Iterator<Item = Range<usize>> {
        let heads = self.silent.iter().filter(move |head| {
            let head = &self.tokens[(*head).clone()];
            head[0].is("impl") && of_type(head).is_some_and(|of| of.is(name))
        });
        heads.map(|head| head.start..end_of_item(&self.tokens, head.start))
    }

    /// Where each word stands that calls something.
    fn words(&self) -> impl Iterator<Item = (&'a str, usize)> {
        self.tokens.iter().enumerate().flat_map(|(at, token)| {
            let is_silent = self.silent.iter().any(|range| range.contains(&at));
            let words = match token.kind {
                _ if is_silent => Vec::new(),
                Kind::Word if self.is_definition(at) => Vec::new(),
                Kind::Word => vec![token.text],
                Kind::Literal => words_in(token.text),
                Kind::Mark => Vec::new(),
            };
            words.into_iter().map(move |word| (word, at))
        })
    }

    /// Whether a function's name stands here: that of a trait's method too, which calls nothing.
    fn is_definition(&self, at: usize) -> bool {
        at > 0 && self.tokens[at - 1].is("fn")
    }
}

/// The words of a string literal that name something: what a format shows, or a path for a macro.
fn words_in(literal: &str) -> Vec<&str> {
    let is_of_word = |c: char| c.is_alphanumeric() || c == '_';
    if !literal.is_empty() && literal.chars().all(|c| is_of_word(c) || c == ':') {
        return literal.split(':').collect();
    }
    let shown = literal.split('{').skip(1);
    shown.map(|rest| rest.split(|c| !is_of_word(c)).next().unwrap_or_default()).collect()
}

/// Whether an `impl` begins an item, and is not a type like `impl Iterator`.
fn begins_item(tokens: &[Token<'_>], at: usize) -> bool {
    let before = |distance| at.checked_sub(distance).map(|place| tokens[place].text);
    // A macro repeats what stands in its brackets.
    before(1).is_none_or(|before| ["}", ";", "]", "{", "unsafe"].contains(&before))
        || (before(1), before(2)) == (Some("("), Some("$"))
}

/// Whether `pub`, perhaps with a place in brackets, stands before a word.
fn is_public(tokens: &[Token<'_>], at: usize) -> bool {
    let before = &tokens[at.saturating_sub(6)..at];
    before.last().is_some_and(|last| last.is("pub") || last.is(")"))
        && before.iter().any(|token| token.is("pub"))
}

fn position(tokens: &[Token<'_>], start: usize, mark: &str) -> usize {
    let found = tokens[start..].iter().position(|token| token.is(mark));
    found.map_or(tokens.len(), |found| start + found)
}

/// Where the item ends that begins at `start`: behind its semicolon, or the brace that closes its
/// first one.
fn end_of_item(tokens: &[Token<'_>], start: usize) -> usize {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate().skip(start) {
        match token.text {
            _ if token.kind != Kind::Mark => {}
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => {
                depth = depth.saturating_sub(1);
                if depth == 0 && token.is("}") {
                    return index + 1;
                }
            }
            ";" if depth == 0 => return index + 1,
            _ => {}
        }
    }
    tokens.len()
}

/// The type that an `impl` with this head is of.
fn of_type<'a, 'b>(head: &'b [Token<'a>]) -> Option<&'b Token<'a>> {
    let mut depth = 0_usize;
    let mut found = None;
    for (index, token) in head.iter().enumerate().skip(1) {
        match token.text {
            "<" => depth += 1,
            ">" if !head[index - 1].is("-") => depth = depth.saturating_sub(1),
            "where" if depth == 0 => break,
            "for" if depth == 0 => found = None,
            _ if depth == 0 && token.is_word() => found = Some(token),
            _ => {}
        }
    }
    found
}

/// Whether a file's code counts as a caller: the product's, and examples, which people run.
fn is_caller(source: &Source) -> bool {
    let folder = source.path.iter().nth(1).unwrap_or_default();
    source.is_rust() && !source.is_test() && (folder == "src" || folder == "examples")
}

/// Whether a file's public items need callers.
fn is_product(source: &Source) -> bool {
    is_caller(source) && source.path.iter().nth(1).is_some_and(|folder| folder == "src")
}

/// The public items without a caller: the crate's folder, the name, and where it is.
fn without_callers(sources: &[Source]) -> Vec<(String, String, String)> {
    let files: Vec<File<'_>> =
        sources.iter().filter(|source| is_caller(source)).map(File::read).collect();
    let mut words: BTreeMap<&str, Vec<(usize, usize)>> = BTreeMap::new();
    for (index, file) in files.iter().enumerate() {
        for (word, at) in file.words() {
            words.entry(word).or_default().push((index, at));
        }
    }
    let mut found = Vec::new();
    for (index, file) in files.iter().enumerate().filter(|(_, file)| is_product(file.source)) {
        for item in file.items() {
            let Item { name, at, .. } = item;
            let calls = |(of, word): &(usize, usize)| {
                let is_own = *of == index && item.own.iter().any(|range| range.contains(word));
                !is_own && files[*of].calls(*word, &item)
            };
            if !words.get(name).is_some_and(|words| words.iter().any(calls)) {
                let path = file.source.path.display();
                let folder = file.source.path.iter().next().unwrap_or_default();
                let place = format!("{path}:{}", file.tokens[at].line);
                found.push((folder.to_string_lossy().into_owned(), name.to_owned(), place));
            }
        }
    }
    found
}

#[test]
fn every_public_item_has_a_caller_outside_tests() {
    let found = without_callers(&every_source());
    let mut faults = Vec::new();
    for (folder, name, reason) in OFFERED {
        let is_found = found.iter().any(|(of, item, _)| of == folder && item == name);
        if !is_found || reason.is_empty() {
            faults.push(format!("{folder}: {name} needs no exception, or has no reason for it"));
        }
    }
    for (folder, name, place) in found {
        if !OFFERED.iter().any(|(of, item, _)| *of == folder && *item == name) {
            faults.push(format!("{place}: {name} has no caller outside tests"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The names without a caller in made-up files.
fn found_in(files: &[(&str, &str)]) -> Vec<String> {
    let source = |(path, text): &(&str, &str)| Source { path: path.into(), text: (*text).into() };
    let sources: Vec<Source> = files.iter().map(source).collect();
    without_callers(&sources).into_iter().map(|(_, name, _)| name).collect()
}

#[test]
fn an_item_that_only_tests_or_nobody_names_is_found() {
    const ITEM: &str = "pub const fn f() {}\n";
    for elsewhere in [
        ("other/src/b.rs", "//! f\n/// f()\n"),
        ("other/src/b.rs", "#[cfg(test)]\nmod tests {\n    fn g() { f(); }\n}\n"),
        ("other/src/b/tests.rs", "fn g() { f(); }\n"),
        ("other/tests/b.rs", "fn g() { f(); }\n"),
        ("other/benches/b.rs", "fn g() { f(); }\n"),
        ("other/src/b.rs", "fn g(of: U) { of.f(); }\n"),
        ("other/src/b.rs", "fn g() { U::f(); }\n"),
        ("other/src/b.rs", "pub use made::a::{e, f};\n"),
        ("other/src/b.rs", "pub(crate) use made::a::f;\n"),
        ("other/src/b.rs", "impl T for U {\n    fn f() {}\n}\n"),
        ("other/src/b.rs", "const C: &str = \"f is {g}\";\n"),
    ] {
        assert_eq!(found_in(&[("made/src/a.rs", ITEM), elsewhere]), ["f"], "{elsewhere:?}");
    }
    for caller in [
        ("other/src/b.rs", "fn g() { f(); }\n"),
        ("other/src/b.rs", "use made::a::f;\n"),
        ("other/src/b.rs", "impl T for U {\n    fn e() { made::f(); }\n}\n"),
        ("other/src/b.rs", "#[serde(with = \"made::f\")]\nstruct S;\n"),
        ("other/src/b.rs", "const C: u8 = format!(\"as {f:?}\");\n"),
        ("other/examples/b.rs", "fn main() { f(); }\n"),
        ("other/src/b.rs", "#[cfg(test)]\nmod tests;\nfn g() { f(); }\n"),
    ] {
        assert_eq!(found_in(&[("made/src/a.rs", ITEM), caller]), [""; 0], "{caller:?}");
    }
}

#[test]
fn what_belongs_to_a_type_is_called_behind_a_dot_or_the_type() {
    const METHOD: &str = "impl U {\n    pub fn f(&self) {}\n}\n";
    for (caller, found) in [
        ("fn g(of: U) { of.f(); }", &[""; 0][..]),
        ("fn g(of: U) { of.map(U::f); }", &[]),
        ("fn g(of: U) { <U as V>::f(of); }", &[]),
        ("macro_rules! m {{$(impl $a { fn g(of: U) { of.f() } })*}}", &[]),
        ("fn g(of: U) { f(); }", &["f"]),
        ("fn g(of: U) { of.f = module::f(); }", &["f"]),
    ] {
        let files = [("made/src/a.rs", METHOD), ("made/src/b.rs", caller)];
        assert_eq!(found_in(&files), found, "{caller}");
    }
}

#[test]
fn an_item_is_no_caller_of_itself() {
    let found = |text| found_in(&[("made/src/a.rs", text)]);
    assert_eq!(found("pub fn f() { if true { f() } }\n"), ["f"]);
    let type_alone = "pub struct S;\nimpl S {\n    fn g() -> S { S }\n}\nimpl Drop for S {\n    \
                      fn drop(&mut self) { S; }\n}\nfn h() {}\n";
    assert_eq!(found(type_alone), ["S"]);
    assert_eq!(found("pub struct S;\nimpl T<S> for u8 {\n    fn g() { S; }\n}\n"), [""; 0]);
    assert_eq!(found("pub enum S {}\nfn h(of: S) {}\n"), [""; 0]);
    assert_eq!(found("pub trait S {}\npub type A = u8;\n"), ["S", "A"]);
    assert_eq!(found("pub trait S {}\nimpl<T: S> U<T> {}\n"), ["S"]);
    assert_eq!(found("impl U {\n    pub async fn f(&self) {}\n}\n"), ["f"]);
    assert_eq!(found("pub(crate) fn f() {}\npub mod m;\npub use x::y;\nfn g() {}\n"), [""; 0]);
}

#[test]
fn an_item_that_a_macro_makes_is_judged_like_any_other() {
    let macros = "macro_rules! m {($a:ident) => {$(impl $a { pub fn f(&self) {} })*}}\n";
    assert_eq!(found_in(&[("made/src/a.rs", macros)]), ["f"]);
    let caller = ("made/src/b.rs", "fn g(of: U) { of.f() }\n");
    assert_eq!(found_in(&[("made/src/a.rs", macros), caller]), [""; 0]);
}
