//! Commands that a person copies into a shell.

use std::ffi::OsStr;

/// A word as a POSIX shell reads it back, whatever spaces and quotes are in the word. A word that
/// needs no quotes gets none.
pub(crate) fn quoted(word: impl AsRef<OsStr>) -> String {
    let word = word.as_ref().to_string_lossy();
    // The one byte that no word can contain ends every C string, so no argument or path has it.
    shlex::try_quote(&word).map_or_else(|_| word.replace('\0', ""), |quoted| quoted.into_owned())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_shell_reads_back_what_was_quoted() {
        let words = ["plain/path-1.json", "a b", "it's", "$HOME", "\"\\", "", "*;|&", "ä\nb"];
        for word in words {
            // Twice, as in the definition of an alias.
            let inner = format!("printf %s {}", quoted(word));
            let script = format!("eval {}", quoted(inner));
            let shown = Command::new("sh").args(["-c", &script]).output().expect("a shell");
            assert_eq!(String::from_utf8_lossy(&shown.stdout), word);
        }
        assert_eq!(quoted("plain/path-1.json"), "plain/path-1.json");
    }
}
