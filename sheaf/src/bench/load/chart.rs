//! Latency against load as a chart.

use std::fmt::{Error, Write};

use crate::bench::picture::{Head, picture};

/// The latencies at one load.
#[derive(Debug, Clone, Copy)]
pub(super) struct Point {
    /// Transfers offered a second.
    pub offered: f64,
    /// p50, p99 and p99.9 in milliseconds.
    pub latencies_ms: [f64; 3],
}

/// The lines' names and classes.
const LINES: [(&str, &str); 3] = [("p50", "a"), ("p99", "b"), ("p99.9", "c")];
/// The picture and the area of the lines in it.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 400.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 650.0;
const TOP: f64 = 50.0;
const BOTTOM: f64 = 340.0;
/// The least distance between the names of two lines.
const NAME_DISTANCE: f64 = 16.0;

/// The colours of text, grid and lines on a light ground, and on a dark one.
const STYLE: &str = "\
<style>
  text { fill: #1f2328; font: 13px system-ui, sans-serif }
  .grid { stroke: #d1d9e0 }
  polyline { fill: none; stroke-width: 2 }
  polyline.a { stroke: #0969da } circle.a, text.a { fill: #0969da }
  polyline.b { stroke: #bc4c00 } circle.b, text.b { fill: #bc4c00 }
  polyline.c { stroke: #8250df } circle.c, text.c { fill: #8250df }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .grid { stroke: #3d444d }
    polyline.a { stroke: #58a6ff } circle.a, text.a { fill: #58a6ff }
    polyline.b { stroke: #ffa657 } circle.b, text.b { fill: #ffa657 }
    polyline.c { stroke: #d2a8ff } circle.c, text.c { fill: #d2a8ff }
  }
</style>";

/// The places of loads and latencies in the picture. Latencies have a logarithmic axis, in whole
/// powers of ten.
struct Axes {
    load_max: f64,
    /// Powers of ten in milliseconds at the bottom and at the top.
    powers: (i32, i32),
}

impl Axes {
    fn of(points: &[Point]) -> Self {
        let latencies = || points.iter().flat_map(|point| point.latencies_ms);
        let (low, high) = (latencies().fold(f64::MAX, f64::min), latencies().fold(0.0, f64::max));
        let low = low.clamp(0.01, 1e6).log10().floor() as i32;
        let high = high.clamp(0.01, 1e6).log10().ceil() as i32;
        let load_max = points.iter().map(|point| point.offered).fold(1.0, f64::max);
        Self { load_max, powers: (low, high.max(low + 1)) }
    }

    fn x(&self, load: f64) -> f64 {
        LEFT + (RIGHT - LEFT) * load / self.load_max
    }

    fn y(&self, latency_ms: f64) -> f64 {
        let (low, high) = self.powers;
        let share = (latency_ms.max(0.01).log10() - f64::from(low)) / f64::from(high - low);
        BOTTOM - (BOTTOM - TOP) * share.clamp(0.0, 1.0)
    }
}

/// The chart of these points, which come in the order of their loads.
pub(super) fn chart(points: &[Point]) -> String {
    let title = "Acknowledgement latency against offered load";
    let caption = format!("{title}, milliseconds");
    let (width, height, caption) = (WIDTH, HEIGHT, caption.as_str());
    let head = Head { width, height, title, caption, left: LEFT, style: STYLE };
    picture(&head, |out| draw(out, points))
}

fn draw(out: &mut String, points: &[Point]) -> Result<(), Error> {
    let axes = Axes::of(points);
    for power in axes.powers.0..=axes.powers.1 {
        let latency = 10_f64.powi(power);
        let (y, text_y) = (axes.y(latency), axes.y(latency) + 4.0);
        writeln!(
            out,
            "<line class=\"grid\" x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{RIGHT}\" y2=\"{y:.1}\"/>\
             <text x=\"{}\" y=\"{text_y:.1}\" text-anchor=\"end\">{latency}</text>",
            LEFT - 8.0
        )?;
    }
    for load in std::iter::once(0.0).chain(points.iter().map(|point| point.offered)) {
        let (x, y) = (axes.x(load), BOTTOM + 20.0);
        writeln!(out, "<text x=\"{x:.1}\" y=\"{y}\" text-anchor=\"middle\">{load:.0}</text>")?;
    }
    let (middle, below) = (f64::midpoint(LEFT, RIGHT), BOTTOM + 44.0);
    writeln!(
        out,
        "<text x=\"{middle}\" y=\"{below}\" text-anchor=\"middle\">transfers a second</text>"
    )?;
    // The names stand apart from each other where the lines end together.
    let mut name_y = f64::MAX;
    for (line, (name, class)) in LINES.into_iter().enumerate() {
        let place = |point: &Point| (axes.x(point.offered), axes.y(point.latencies_ms[line]));
        let places: Vec<_> = points.iter().map(place).collect();
        draw_line(out, class, &places)?;
        let Some((x, y)) = places.last() else { continue };
        name_y = (y + 4.0).min(name_y - NAME_DISTANCE);
        let x = x + 10.0;
        writeln!(out, "<text class=\"{class}\" x=\"{x:.1}\" y=\"{name_y:.1}\">{name}</text>")?;
    }
    Ok(())
}

/// Draws a line and a dot at each of its places.
fn draw_line(out: &mut String, class: &str, places: &[(f64, f64)]) -> Result<(), Error> {
    let text: Vec<String> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    writeln!(out, "<polyline class=\"{class}\" points=\"{}\"/>", text.join(" "))?;
    for (x, y) in places {
        writeln!(out, "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const POINTS: [Point; 2] = [
        Point { offered: 500.0, latencies_ms: [1.0, 10.0, 100.0] },
        Point { offered: 1_000.0, latencies_ms: [2.0, 20.0, 200.0] },
    ];

    #[test]
    fn places_follow_loads_and_powers_of_ten() {
        let axes = Axes::of(&POINTS);
        assert_eq!(axes.powers, (0, 3));
        assert_eq!((axes.x(0.0), axes.x(1_000.0)), (LEFT, RIGHT));
        assert_eq!((axes.y(1.0), axes.y(1_000.0)), (BOTTOM, TOP));
        assert!(axes.y(20.0) < axes.y(10.0) && axes.y(0.0) <= BOTTOM);
    }

    #[test]
    fn names_of_lines_that_end_together_stand_apart() {
        let points = [Point { offered: 1.0, latencies_ms: [5.0; 3] }];
        let picture = chart(&points);
        let names = picture.lines().filter(|line| line.starts_with("<text class"));
        let y = |line: &str| line.split("y=\"").nth(1)?.split('"').next()?.parse::<f64>().ok();
        let places: Vec<f64> = names.filter_map(y).collect();
        assert_eq!(places.len(), LINES.len());
        assert!(places.windows(2).all(|two| two[0] - two[1] >= NAME_DISTANCE), "{places:?}");
    }

    #[test]
    fn a_chart_has_a_line_for_each_percentile_and_a_dot_for_each_figure() {
        let picture = chart(&POINTS);
        let count = |part: &str| picture.matches(part).count();
        assert_eq!((count("<polyline"), count("<circle"), count("<text class")), (3, 6, 3));
        assert!(picture.starts_with("<svg") && picture.trim_end().ends_with("</svg>"));
        assert!(picture.contains("prefers-color-scheme: dark"));
        // Nothing measured is no reason to fail.
        assert!(chart(&[]).contains("</svg>"));
    }
}
