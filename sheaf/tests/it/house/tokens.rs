//! The tokens of a Rust source, without comments; for the product's code also without tests.

/// A word, a mark (`::` or one character) or the inside of a string literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub text: &'a str,
    pub kind: Kind,
    /// Of the source, from 1.
    pub line: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    Mark,
    Literal,
}

impl Token<'_> {
    pub(super) fn is(&self, text: &str) -> bool {
        self.text == text && self.kind != Kind::Literal
    }

    pub(super) fn is_word(&self) -> bool {
        self.kind == Kind::Word
    }
}

/// The tokens of the product's code in `text`: items marked `#[cfg(test)]` are left out.
pub(super) fn product_tokens(text: &str) -> Vec<Token<'_>> {
    const TEST_MARK: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let tokens = tokens(text);
    let (mut kept, mut at) = (Vec::with_capacity(tokens.len()), 0);
    while at < tokens.len() {
        let rest = &tokens[at..];
        let is_marked = rest.len() > TEST_MARK.len()
            && rest.iter().zip(TEST_MARK).all(|(token, mark)| token.is(mark));
        if is_marked {
            at += TEST_MARK.len();
            at += item_length(&tokens[at..]);
        } else {
            kept.push(tokens[at]);
            at += 1;
        }
    }
    kept
}

/// How many tokens the item has that `tokens` begin with: it ends with a semicolon or, unless it is
/// a `use`, with the brace that closes its first one.
fn item_length(tokens: &[Token<'_>]) -> usize {
    let is_use = tokens.iter().take(5).any(|token| token.is("use"));
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate() {
        match token.text {
            _ if token.kind != Kind::Mark => {}
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => {
                depth = depth.saturating_sub(1);
                if depth == 0 && token.is("}") && !is_use {
                    return index + 1;
                }
            }
            ";" if depth == 0 => return index + 1,
            _ => {}
        }
    }
    tokens.len()
}

/// All tokens of `text`, without comments.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let (mut found, mut rest, mut line) = (Vec::new(), text, 1);
    while let Some(first) = rest.chars().next() {
        let (length, inside) = next_token(rest, first);
        let (whole, after) = rest.split_at(length);
        if let Some((start, end, kind)) = inside {
            found.push(Token { text: &whole[start..end], kind, line });
        }
        line += whole.matches('\n').count();
        rest = after;
    }
    found
}

/// A token's place in what is taken, if what is taken is a token.
type Inside = Option<(usize, usize, Kind)>;

/// How many bytes of `rest` belong together, and which of them are a token.
fn next_token(rest: &str, first: char) -> (usize, Inside) {
    if rest.starts_with("//") {
        return (rest.find('\n').unwrap_or(rest.len()), None);
    }
    if rest.starts_with("/*") {
        return (comment_length(rest), None);
    }
    if let Some(literal) = raw_string(rest).or_else(|| string(rest)).or_else(|| character(rest)) {
        return literal;
    }
    if is_of_word(first) {
        let length = rest.find(|c| !is_of_word(c)).unwrap_or(rest.len());
        return (length, Some((0, length, Kind::Word)));
    }
    let length = if rest.starts_with("::") { 2 } else { first.len_utf8() };
    (length, (!first.is_whitespace()).then_some((0, length, Kind::Mark)))
}

fn is_of_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn comment_length(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        let here = &rest.as_bytes()[at..];
        if here.starts_with(b"/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if here.starts_with(b"*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

fn string(rest: &str) -> Option<(usize, Inside)> {
    let quote = if rest.starts_with("b\"") { 1 } else { 0 };
    let inside = rest[quote..].strip_prefix('"')?;
    let mut is_escaped = false;
    for (at, character) in inside.char_indices() {
        if character == '"' && !is_escaped {
            let (start, end) = (quote + 1, quote + 1 + at);
            return Some((end + 1, Some((start, end, Kind::Literal))));
        }
        is_escaped = character == '\\' && !is_escaped;
    }
    None
}

fn raw_string(rest: &str) -> Option<(usize, Inside)> {
    let after = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'))?;
    let marks = after.len() - after.trim_start_matches('#').len();
    let inside = after[marks..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(marks));
    let length = inside.find(&end)?;
    let start = rest.len() - inside.len();
    Some((start + length + end.len(), Some((start, start + length, Kind::Literal))))
}

/// A character in quotes; what begins with a quote otherwise is a lifetime.
fn character(rest: &str) -> Option<(usize, Inside)> {
    let quote = if rest.starts_with("b'") { 1 } else { 0 };
    let inside = rest[quote..].strip_prefix('\'')?;
    let length = if inside.starts_with('\\') {
        inside[2..].find('\'')? + 2
    } else {
        let first = inside.chars().next()?;
        inside[first.len_utf8()..].starts_with('\'').then_some(first.len_utf8())?
    };
    let (start, end) = (quote + 1, quote + 1 + length);
    Some((end + 1, Some((start, end, Kind::Literal))))
}

#[test]
fn words_are_told_from_comments_strings_and_lifetimes() {
    let text = "\
fn a<'t>(b: &'t str) { // crate::c
    /* d /* e */ f */ g(\"h \\\" i\", r#\"j \" k\"#, 'l', '\\'', b'm');
}
#[cfg(test)]
mod tests { use n; fn o() {} }
#[cfg(test)]
use p::{q, r};
const S: u8 = 1;
";
    let tokens = product_tokens(text);
    let of = |kind| {
        let of_kind = tokens.iter().filter(move |token| token.kind == kind);
        of_kind.map(|token| token.text).collect::<Vec<_>>()
    };
    let words = ["fn", "a", "t", "b", "t", "str", "g", "const", "S", "u8", "1"];
    assert_eq!(of(Kind::Word), words);
    assert_eq!(of(Kind::Literal), ["h \\\" i", "j \" k", "l", "\\'", "m"]);
    let last = tokens.last().expect("there are some");
    assert_eq!((last.text, last.line), (";", 8));
}
