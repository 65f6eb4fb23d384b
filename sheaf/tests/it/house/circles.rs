//! No module may depend on itself through other modules.
//!
//! The modules of one folder are compared with each other: those directly under a crate's `src/`,
//! and the children of every module that has children. An arrow from one module to another is a
//! name of the other module in the product's code, in a `use` or in an expression, followed through
//! re-exports. The folder's own file is left out, because it only lists what belongs together.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;

use crate::house::tokens::{Token, product_tokens};
use crate::house::{Source, every_source};

/// A module or an item: its names from the crate's root.
type Place = Vec<String>;

/// One module's need of another in the same folder.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Arrow {
    from: String,
    to: String,
    /// Where it is written.
    file: PathBuf,
    line: usize,
}

/// The arrows between a folder's modules: one for each pair.
type Graph = BTreeMap<(String, String), Arrow>;

/// The product's files of one crate.
struct Crate<'a> {
    files: Vec<File<'a>>,
    modules: BTreeSet<Place>,
    /// What a module calls something that is elsewhere.
    aliases: BTreeMap<(Place, String), Place>,
}

struct File<'a> {
    source: &'a Source,
    module: Place,
    tokens: Vec<Token<'a>>,
}

/// The crate and the module of a file that is under a crate's `src/`.
fn place_of(source: &Source) -> Option<(String, Place)> {
    let parts = source.path.iter().map(|part| part.to_string_lossy().into_owned());
    let mut parts: Vec<String> = parts.collect();
    let last = parts.pop()?.strip_suffix(".rs")?.to_owned();
    if parts.len() < 2 || parts[1] != "src" || source.is_test() {
        return None;
    }
    let mut module = parts.split_off(2);
    module.extend(Some(last).filter(|name| !["lib", "main", "mod"].contains(&name.as_str())));
    Some((parts.swap_remove(0), module))
}

impl<'a> Crate<'a> {
    fn every(sources: &'a [Source]) -> BTreeMap<String, Self> {
        let mut found = BTreeMap::new();
        for source in sources {
            let Some((name, module)) = place_of(source) else { continue };
            let of_crate = found.entry(name).or_insert_with(|| Self {
                files: Vec::new(),
                modules: BTreeSet::from([Vec::new()]),
                aliases: BTreeMap::new(),
            });
            of_crate.modules.insert(module.clone());
            of_crate.files.push(File { source, module, tokens: product_tokens(&source.text) });
        }
        for of_crate in found.values_mut() {
            of_crate.find_aliases();
        }
        found
    }

    fn find_aliases(&mut self) {
        for File { module, tokens, .. } in &self.files {
            for (start, _) in tokens.iter().enumerate().filter(|(_, token)| token.is("use")) {
                let mut found = Vec::new();
                let start = start + 1;
                let base = match tokens[start].text {
                    "crate" | "self" | "super" => None,
                    child => Some([module.as_slice(), &[child.to_owned()]].concat()),
                };
                match base {
                    None => place_at(tokens, start, module, &mut found),
                    Some(base) if self.modules.contains(&base) => {
                        leaves(tokens, start, module, &mut found);
                    }
                    Some(_) => continue,
                }
                let aliases = found.into_iter().map(|leaf| ((module.clone(), leaf.alias), leaf.of));
                self.aliases.extend(aliases);
            }
        }
    }

    /// The modules that the place is in, or that what stands there under another name is in.
    fn resolve(&self, place: &[String], detours: usize) -> Vec<Place> {
        /// As many re-exports as one name may go through.
        const DETOURS_MAX: usize = 8;
        let lengths = (0..=place.len()).rev();
        let module = lengths.map(|length| &place[..length]).find(|start| {
            self.modules.contains(*start) // The root always is.
        });
        let module = module.expect("the root is a module").to_vec();
        let rest = &place[module.len()..];
        let Some(name) = rest.first().filter(|_| detours < DETOURS_MAX) else {
            return vec![module];
        };
        let aliases = self
            .aliases
            .iter()
            .filter(|((owner, alias), _)| *owner == module && (alias == name || name == "*"));
        let mut found: Vec<Place> = aliases
            .flat_map(|(_, of)| self.resolve(&[of.as_slice(), &rest[1..]].concat(), detours + 1))
            .collect();
        if found.is_empty() || name == "*" {
            found.push(module);
        }
        found
    }

    /// The graph of each folder of modules, by the module that has them.
    fn graphs(&self) -> BTreeMap<Place, Graph> {
        let mut graphs: BTreeMap<Place, Graph> = BTreeMap::new();
        for File { source, module, tokens } in &self.files {
            for (start, token) in tokens.iter().enumerate() {
                let mut found = Vec::new();
                place_at(tokens, start, module, &mut found);
                for to in found.iter().flat_map(|leaf| self.resolve(&leaf.of, 0)) {
                    let same = module.iter().zip(&to).take_while(|(a, b)| a == b).count();
                    let (Some(from), Some(to)) = (module.get(same), to.get(same)) else { continue };
                    let (file, line) = (source.path.clone(), token.line);
                    let arrow = Arrow { from: from.clone(), to: to.clone(), file, line };
                    let graph = graphs.entry(module[..same].to_vec()).or_default();
                    graph.entry((from.clone(), to.clone())).or_insert(arrow);
                }
            }
        }
        graphs
    }
}

/// What a path leads to, and how it is called where the path is used.
struct Leaf {
    of: Place,
    alias: String,
}

/// Adds what the path at `start` leads to, if one begins there with `crate`, `self` or `super`.
fn place_at(tokens: &[Token<'_>], start: usize, module: &[String], found: &mut Vec<Leaf>) {
    let before = start.checked_sub(1).map(|before| tokens[before]);
    if before.is_some_and(|token| token.is("::") || token.is("in")) {
        return;
    }
    let (mut base, mut at) = (module.to_vec(), start);
    while let [first, colons, ..] = tokens[at..]
        && colons.is("::")
        && first.is_word()
    {
        match first.text {
            "crate" => base.clear(),
            "super" => drop(base.pop()),
            "self" => {}
            _ => break,
        }
        at += 2;
    }
    if at > start {
        leaves(tokens, at, &base, found);
    }
}

/// Adds what the tree of names at `at` leads to, from `base`. Returns where the tree ends.
fn leaves(tokens: &[Token<'_>], mut at: usize, base: &[String], found: &mut Vec<Leaf>) -> usize {
    let Some(first) = tokens.get(at) else { return at };
    if first.is("{") {
        at += 1;
        while tokens.get(at).is_some_and(|token| !token.is("}")) {
            at = leaves(tokens, at, base, found);
            at += usize::from(tokens.get(at).is_some_and(|token| token.is(",")));
        }
        return at + 1;
    }
    let mut of = base.to_vec();
    if !first.is("self") {
        of.push(first.text.to_owned());
    }
    let follows = |at: usize, mark: &str| tokens.get(at).is_some_and(|token| token.is(mark));
    // What follows a name in angle brackets is not a name of the place.
    if follows(at + 1, "::") && !follows(at + 2, "<") {
        return leaves(tokens, at + 2, &of, found);
    }
    let (alias, end) = if follows(at + 1, "as") {
        (tokens[at + 2].text, at + 3)
    } else {
        (of.last().map_or("", String::as_str), at + 1)
    };
    found.push(Leaf { alias: alias.to_owned(), of });
    end
}

/// The shortest circle in a graph, if there is one.
fn shortest_circle(graph: &Graph) -> Option<Vec<&Arrow>> {
    let starts: BTreeSet<&String> = graph.keys().map(|(from, _)| from).collect();
    let circles = starts.into_iter().filter_map(|start| circle_through(graph, start));
    circles.min_by_key(Vec::len)
}

fn circle_through<'a>(graph: &'a Graph, start: &str) -> Option<Vec<&'a Arrow>> {
    let mut reached: BTreeMap<&str, &Arrow> = BTreeMap::new();
    let mut next = VecDeque::from([start]);
    while let Some(from) = next.pop_front() {
        for arrow in graph.values().filter(|arrow| arrow.from == from) {
            if !reached.contains_key(arrow.to.as_str()) {
                reached.insert(&arrow.to, arrow);
                next.push_back(&arrow.to);
            }
        }
    }
    let mut circle = vec![*reached.get(start)?];
    while circle[circle.len() - 1].from != start {
        circle.push(reached[circle[circle.len() - 1].from.as_str()]);
    }
    circle.reverse();
    Some(circle)
}

/// The shortest circle of each folder of modules, in words.
fn circles_in(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for (name, of_crate) in Crate::every(sources) {
        for (folder, graph) in of_crate.graphs() {
            let Some(circle) = shortest_circle(&graph) else { continue };
            let folder = [std::slice::from_ref(&name), folder.as_slice()].concat().join("::");
            let arrows = circle.iter().map(|Arrow { from, to, file, line }| {
                format!("    {from} needs {to}: {}:{line}", file.display())
            });
            let arrows: Vec<String> = arrows.collect();
            found.push(format!("a circle in {folder}\n{}", arrows.join("\n")));
        }
    }
    found
}

#[test]
fn no_modules_need_each_other_in_a_circle() {
    let circles = circles_in(&every_source());
    assert!(circles.is_empty(), "{}", circles.join("\n"));
}

/// What is found in made-up files, by path and text.
fn circles_of(files: &[(&str, &str)]) -> Vec<String> {
    let source = |(path, text): &(&str, &str)| Source { path: path.into(), text: (*text).into() };
    circles_in(&files.iter().map(source).collect::<Vec<_>>())
}

#[test]
fn the_shortest_circle_is_shown_with_the_place_of_each_arrow() {
    let files = [
        ("made/src/lib.rs", "mod a;\nmod b;\nmod c;\npub use a::A;\nuse crate::b::B;\n"),
        ("made/src/a.rs", "//! A.\n\nuse crate::b::B;\n"),
        ("made/src/b.rs", "use crate::c::{C, D};\n"),
        ("made/src/c.rs", "fn f() {\n    g(&crate::a::A);\n}\n"),
    ];
    let circle = "\
a circle in made
    a needs b: made/src/a.rs:3
    b needs c: made/src/b.rs:1
    c needs a: made/src/c.rs:2";
    assert_eq!(circles_of(&files), [circle]);
    let shorter = [&files[..], &[("made/src/c/d.rs", "use super::super::b;\n")]].concat();
    let circle = "\
a circle in made
    b needs c: made/src/b.rs:1
    c needs b: made/src/c/d.rs:1";
    assert_eq!(circles_of(&shorter), [circle]);
    assert_eq!(circles_of(&files[..3]), [""; 0], "without the last arrow there is no circle");
}

#[test]
fn a_circle_is_found_however_its_arrows_are_written() {
    let back = ("made/src/b.rs", "use crate::a::A;\n");
    let root = ("made/src/lib.rs", "mod a;\nmod b;\npub use b::{B as C, f};\n");
    for arrow in [
        "use crate::b::B;",
        "use crate::{\n    b::B,\n    other,\n};",
        "use super::b;",
        "use self::super::b::*;",
        "pub use crate::b as c;",
        "use crate::C;",
        "use crate::{f as g};",
        "use crate::*;",
        "fn f() -> crate::b::B<crate::X> { 1 }",
        "impl crate::b::B for A {}",
        "const A: u8 = ::<crate::b::B>::f(\"\", 'x');",
    ] {
        assert_eq!(circles_of(&[root, back, ("made/src/a.rs", arrow)]).len(), 1, "{arrow}");
    }
    for no_arrow in [
        "use b::B;",
        "use other::crate_b::b;",
        "// use crate::b::B;",
        "const B: &str = \"crate::b::B\";",
        "pub(in crate::b) const B: u8 = 1;",
        "use crate::D;",
        "#[cfg(test)]\nmod tests {\n    use crate::b::B;\n}",
        "#[cfg(test)]\nuse crate::b::{B, C};",
        "use self::b::B;",
    ] {
        let files = [root, back, ("made/src/a.rs", no_arrow)];
        assert_eq!(circles_of(&files), [""; 0], "{no_arrow}");
    }
    let in_tests = [root, back, ("made/src/a/tests.rs", "use crate::b::B;")];
    assert_eq!(circles_of(&in_tests), [""; 0]);
}

#[test]
fn a_circle_is_found_between_the_children_of_a_module() {
    let parent = ("made/src/p/mod.rs", "mod a;\nmod b;\npub use b::B;\nuse self::a::A;\n");
    let back = ("made/src/p/b.rs", "use super::a::A;\n");
    for arrow in ["use super::b;", "use super::B;", "use crate::p::B;", "use crate::P;"] {
        let root = ("made/src/main.rs", "mod p;\nuse p::B as P;\n");
        let files = [root, parent, back, ("made/src/p/a.rs", arrow)];
        let found = circles_of(&files);
        assert_eq!(found.len(), 1, "{arrow}");
        assert!(found[0].starts_with("a circle in made::p\n"), "{arrow}");
    }
    // What a child needs of its parent is no arrow, nor a path into another crate.
    for no_arrow in ["use super::A;", "use super::Own;", "use other::p::b::B;"] {
        assert_eq!(circles_of(&[parent, back, ("made/src/p/a.rs", no_arrow)]), [""; 0]);
    }
    let other = ("other/src/p/a.rs", "use super::b::B;");
    assert_eq!(circles_of(&[parent, back, other]), [""; 0]);
}
