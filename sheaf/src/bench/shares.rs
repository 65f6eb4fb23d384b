//! Shares of a whole as bars, one below the other.

use std::fmt::{Error, Write};

use super::picture::{Head, picture};

/// One bar.
#[derive(Debug, Clone)]
pub(super) struct Bar {
    /// What the bar is about.
    pub name: String,
    /// The parts in order, each with its seconds.
    pub shares: Vec<(&'static str, f64)>,
}

impl Bar {
    fn total(&self) -> f64 {
        self.shares.iter().map(|(_, seconds)| seconds).sum()
    }
}

/// The picture and the bars in it.
const WIDTH: f64 = 720.0;
const LEFT: f64 = 20.0;
const RIGHT: f64 = 700.0;
const TOP: f64 = 50.0;
/// From one bar to the next, and the height of a bar.
const STEP: f64 = 100.0;
const THICKNESS: f64 = 36.0;
/// Seconds stand in a part that is so wide.
const TEXT_WIDTH: f64 = 44.0;
/// From one name below the bars to the next.
const LEGEND_STEP: f64 = 96.0;

/// The colours of text and parts on a light ground, and of text on a dark one.
const STYLE: &str = "\
<style>
  text { fill: #1f2328; font: 13px system-ui, sans-serif }
  .in { fill: #ffffff }
  .s0 { fill: #0969da } .s1 { fill: #8250df } .s2 { fill: #1a7f37 } .s3 { fill: #9a6700 }
  .s4 { fill: #bf3989 } .s5 { fill: #bc4c00 } .s6 { fill: #57606a }
  @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } }
</style>";

/// The chart of these bars, each as wide as the picture.
pub(super) fn chart(bars: &[Bar]) -> String {
    let below = TOP + STEP * bars.len() as f64;
    let title = "Seconds of each sort of proof, on all cores";
    let (width, height) = (WIDTH, below + 30.0);
    let head = Head { width, height, title, caption: title, left: LEFT, style: STYLE };
    picture(&head, |out| draw(out, bars, below))
}

/// Draws the bars, and the names of their parts at the height `below`.
fn draw(out: &mut String, bars: &[Bar], below: f64) -> Result<(), Error> {
    for (bar, top) in bars.iter().zip((0..).map(|i| TOP + STEP * f64::from(i))) {
        draw_bar(out, bar, top)?;
    }
    let names = bars.first().map_or(&[][..], |bar| &bar.shares);
    for (i, (name, _)) in names.iter().enumerate() {
        let x = LEFT + LEGEND_STEP * i as f64;
        let (square_y, text_x) = (below - 11.0, x + 18.0);
        writeln!(
            out,
            "<rect class=\"s{i}\" x=\"{x}\" y=\"{square_y}\" width=\"12\" height=\"12\"/>\
             <text x=\"{text_x}\" y=\"{below}\">{name}</text>"
        )?;
    }
    Ok(())
}

fn draw_bar(out: &mut String, bar: &Bar, top: f64) -> Result<(), Error> {
    let total = bar.total();
    writeln!(out, "<text x=\"{LEFT}\" y=\"{}\">{}: {total:.1} s</text>", top + 12.0, bar.name)?;
    let (y, text_y) = (top + 20.0, top + 20.0 + THICKNESS / 2.0 + 4.0);
    let mut x = LEFT;
    for (i, (name, seconds)) in bar.shares.iter().enumerate() {
        let width = (RIGHT - LEFT) * seconds / total.max(f64::MIN_POSITIVE);
        writeln!(
            out,
            "<rect class=\"s{i}\" x=\"{x:.1}\" y=\"{y}\" width=\"{width:.1}\" \
             height=\"{THICKNESS}\"><title>{name}: {seconds:.1} s</title></rect>"
        )?;
        if width >= TEXT_WIDTH {
            let middle = x + width / 2.0;
            writeln!(
                out,
                "<text class=\"in\" x=\"{middle:.1}\" y=\"{text_y}\" \
                 text-anchor=\"middle\">{seconds:.1}</text>"
            )?;
        }
        x += width;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn widths(picture: &str) -> Vec<f64> {
        let bars = picture.lines().filter(|line| line.contains("<rect") && line.contains("<title"));
        bars.filter_map(|line| line.split("width=\"").nth(1)?.split('"').next()?.parse().ok())
            .collect()
    }

    #[test]
    fn the_parts_of_a_bar_fill_it_in_their_proportion() {
        let bar = Bar { name: "a batch".to_owned(), shares: vec![("entry", 30.0), ("wrap", 10.0)] };
        let picture = chart(&[bar]);
        assert_eq!(widths(&picture), [510.0, 170.0]);
        assert!(picture.contains("a batch: 40.0 s"));
        assert!(picture.contains("prefers-color-scheme: dark"));
        assert_eq!(picture.matches("class=\"in\"").count(), 2);
    }

    #[test]
    fn a_narrow_part_has_its_seconds_in_its_title_alone() {
        let bar = Bar { name: "a batch".to_owned(), shares: vec![("entry", 99.0), ("wrap", 1.0)] };
        let picture = chart(&[bar]);
        assert_eq!(picture.matches("class=\"in\"").count(), 1);
        assert!(picture.contains("<title>wrap: 1.0 s</title>"));
        // Nothing measured is no reason to fail.
        assert!(chart(&[]).contains("</svg>"));
    }
}
