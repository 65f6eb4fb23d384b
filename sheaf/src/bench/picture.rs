//! A picture of a measurement: an SVG that browsers show in light and dark.

use std::fmt::{Error, Write};

/// What a picture begins with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head<'a> {
    pub width: f64,
    pub height: f64,
    pub title: &'a str,
    /// The line at the top, which begins at `left`.
    pub caption: &'a str,
    pub left: f64,
    pub style: &'a str,
}

/// The picture that begins with `head` and has what `draw` writes.
pub(super) fn picture(
    head: &Head<'_>,
    draw: impl FnOnce(&mut String) -> Result<(), Error>,
) -> String {
    let mut out = String::new();
    let written = begin(&mut out, head).and_then(|()| draw(&mut out));
    written.and_then(|()| writeln!(out, "</svg>")).expect("a string takes all that is written");
    out
}

fn begin(out: &mut String, head: &Head<'_>) -> Result<(), Error> {
    let Head { width, height, title, caption, left, style } = head;
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\">"
    )?;
    writeln!(out, "<title>{title}</title>\n{style}")?;
    writeln!(out, "<text x=\"{left}\" y=\"24\">{caption}</text>")
}
