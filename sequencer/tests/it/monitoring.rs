//! The dashboard and the alerts name only what the exporter serves, and every alert has its row in
//! the operators' page.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use sheaf_sequencer::metrics::{self, Kind};

const PAGE: &str = include_str!("../../../docs/operating.md");
const DASHBOARD: &str = include_str!("../../../docs/monitoring/grafana-dashboard.json");
const RULES: &str = include_str!("../../../docs/monitoring/prometheus-rules.yml");

/// Labels that Prometheus adds.
const ADDED_LABELS: [&str; 3] = ["instance", "job", "le"];
/// The words of PromQL that these expressions use.
const WORDS: [&str; 14] = [
    "and",
    "by",
    "changes",
    "group_left",
    "histogram_quantile",
    "increase",
    "max",
    "on",
    "or",
    "rate",
    "sum",
    "time",
    "unless",
    "up",
];

/// A metric as the operators' page describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Documented {
    pub kind: &'static str,
    pub labels: BTreeSet<&'static str>,
}

/// The cells of each row of the tables between two headings.
fn rows(from: &str, to: &str) -> impl Iterator<Item = Vec<&'static str>> {
    let (_, section) = PAGE.split_once(from).expect("the heading is there");
    let (section, _) = section.split_once(to).expect("the next heading is there");
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| row.split('|').map(str::trim).collect())
}

/// The metrics in the table of the operators' page.
pub(crate) fn documented() -> BTreeMap<&'static str, Documented> {
    let rows = rows("\n## Metrics\n", "\n`sheaf_queue_length` and");
    rows.map(|cells| {
        let labels = cells[2].split(", ").map(|label| label.trim_matches('`'));
        let labels = labels.filter(|label| !label.is_empty()).collect();
        (cells[0].trim_matches('`'), Documented { kind: cells[1], labels })
    })
    .collect()
}

/// The names of the series that Prometheus stores, with the labels of each.
fn series() -> BTreeMap<String, BTreeSet<&'static str>> {
    let of = |(name, documented): (&str, Documented)| {
        let ends: &[&str] =
            if documented.kind == "histogram" { &["_bucket", "_sum", "_count"] } else { &[""] };
        let named = |end: &&str| (format!("{name}{end}"), documented.labels.clone());
        ends.iter().map(named).collect::<Vec<_>>()
    };
    documented().into_iter().flat_map(of).collect()
}

/// What is wrong with an expression: a word that is no series, no label and no word of PromQL, and
/// a condition on a label, or on a value, that the series do not have.
fn faults(expression: &str) -> Vec<String> {
    let series = series();
    let labels: BTreeSet<&str> = series.values().flatten().copied().chain(ADDED_LABELS).collect();
    let mut faults = Vec::new();
    // Every second part is in quotes: the value of the condition before it.
    let parts: Vec<&str> = expression.split('"').collect();
    let mut newest: Option<&BTreeSet<&str>> = None;
    let mut condition = "";
    for (index, part) in parts.iter().enumerate() {
        if index % 2 == 1 {
            let known = |value: &str| PAGE.contains(&format!("`{value}`")) || is_listed(value);
            let names_values = ["queue", "stage", "state"].contains(&condition);
            let unknown = part.split('|').filter(|value| names_values && !known(value));
            faults.extend(unknown.map(|value| format!("the value {value}")));
            continue;
        }
        let is_letter = |letter: char| letter.is_ascii_alphanumeric() || "_$".contains(letter);
        let words = part.split(|letter| !is_letter(letter));
        for word in words.filter(|word| word.starts_with(|first: char| first.is_ascii_lowercase()))
        {
            let is_condition = part.trim_end_matches(['=', '~', '!']).ends_with(word)
                && part.ends_with(['=', '~']);
            if let Some(labels) = series.get(word) {
                newest = Some(labels);
            } else if is_condition {
                condition = word;
                let has = newest.is_some_and(|labels| labels.contains(word));
                if !has && !ADDED_LABELS.contains(&word) {
                    faults.push(format!("the label {word}"));
                }
            } else if !labels.contains(word) && !WORDS.contains(&word) {
                faults.push(format!("the name {word}"));
            }
        }
    }
    faults
}

/// Whether the table of metrics lists a value of a label: `…, sealed, proven, …`.
fn is_listed(value: &str) -> bool {
    let mut rows = rows("\n## Metrics\n", "\n`sheaf_queue_length` and");
    rows.any(|cells| cells[3].split([',', ' ', ':', '|']).any(|word| word == value))
}

/// The expressions anywhere in a dashboard.
fn expressions_in(value: &Value) -> Vec<String> {
    match value {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, value)| match (name.as_str(), value.as_str()) {
                ("expr", Some(text)) => vec![text.to_owned()],
                _ => expressions_in(value),
            })
            .collect(),
        Value::Array(all) => all.iter().flat_map(expressions_in).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

/// The fields of each alert, by their names. A value that begins with `>-` goes on until a line
/// that is indented less.
fn alerts() -> Vec<BTreeMap<&'static str, String>> {
    let mut alerts: Vec<BTreeMap<&str, String>> = Vec::new();
    let mut folded: Option<(&str, usize)> = None;
    for line in RULES.lines().filter(|line| !line.trim_start().starts_with('#')) {
        let indent = line.len() - line.trim_start().len();
        if let Some((name, outer)) = folded
            && indent > outer
        {
            let text = alerts.last_mut().and_then(|alert| alert.get_mut(name));
            text.expect("the field has begun").push_str(&format!(" {}", line.trim()));
            continue;
        }
        folded = None;
        if line.trim_start().starts_with("- alert:") {
            alerts.push(BTreeMap::new());
        }
        let Some(alert) = alerts.last_mut() else { continue };
        if let Some((name, text)) = line.trim().trim_start_matches("- ").split_once(':') {
            let text = text.trim();
            if text == ">-" {
                folded = Some((name, indent));
            }
            alert.insert(name, text.trim_start_matches(">-").to_owned());
        }
    }
    alerts
}

#[test]
fn the_table_of_metrics_is_what_the_exporter_serves() {
    let kind = |kind| match kind {
        Kind::Counter => "counter",
        Kind::Gauge => "gauge",
        Kind::Histogram => "histogram",
    };
    let served: BTreeMap<&str, &str> =
        metrics::catalogue().map(|(name, of, _)| (name, kind(of))).collect();
    let told: BTreeMap<&str, &str> =
        documented().into_iter().map(|(name, documented)| (name, documented.kind)).collect();
    assert_eq!(told, served);
}

#[test]
fn names_end_in_their_units() {
    let units = ["_seconds", "_bytes", "_blocks", "_entries", "_ether", "_batches"];
    for (name, kind, _) in metrics::catalogue() {
        let has_unit = units.iter().any(|unit| name.ends_with(unit));
        match kind {
            Kind::Counter => assert!(name.ends_with("_total"), "{name}"),
            Kind::Histogram => assert!(has_unit, "{name}"),
            Kind::Gauge => assert!(!name.ends_with("_total"), "{name}"),
        }
    }
}

#[test]
fn the_dashboard_shows_what_the_exporter_serves() {
    let dashboard: Value = serde_json::from_str(DASHBOARD).expect("the dashboard is JSON");
    let expressions = expressions_in(&dashboard);
    assert!(expressions.len() > 50, "the walk found the panels");
    for expression in &expressions {
        assert_eq!(faults(expression), [""; 0], "{expression}");
    }
    // The rows follow the pipeline, and nothing names one installation's data source.
    let panels = dashboard["panels"].as_array().expect("a list");
    let rows = panels.iter().filter(|panel| panel["type"] == "row");
    let titles: Vec<_> = rows.map(|row| row["title"].as_str().expect("a title")).collect();
    let pipeline = [
        "The whole pipeline",
        "API",
        "Admission",
        "Ordering and execution",
        "Log",
        "Index",
        "Sealing and snapshots",
        "Proving",
        "Submission and finality",
        "Process",
    ];
    assert_eq!(titles, pipeline);
    for panel in panels.iter().filter(|panel| panel["type"] != "row") {
        assert_eq!(panel["datasource"]["uid"], "${datasource}", "{}", panel["title"]);
    }
}

#[test]
fn every_metric_of_the_pipeline_is_on_the_dashboard() {
    // What only says more about a neighbour, or is for alerts.
    let elsewhere = [
        "sheaf_event_subscribers",
        "sheaf_leader_epoch",
        "sheaf_l1_account_ether",
        "sheaf_batch_age_limit_seconds",
        "sheaf_snapshot_seconds",
        "process_threads",
    ];
    for (name, _, _) in metrics::catalogue() {
        assert_eq!(DASHBOARD.contains(name), !elsewhere.contains(&name), "{name}");
    }
}

#[test]
fn every_alert_asks_for_what_the_exporter_serves_and_has_its_row() {
    let alerts = alerts();
    for alert in &alerts {
        let name = &alert["alert"];
        assert_eq!(faults(&alert["expr"]), [""; 0], "{name}");
        assert!(alert["summary"].contains("{{ $labels.instance }}"), "{name}");
        assert_eq!(alert["runbook"], format!("docs/operating.md#alerts {name}"));
        assert!(["page", "warn"].contains(&alert["severity"].as_str()), "{name}");
    }
    let named: BTreeSet<&str> = alerts.iter().map(|alert| alert["alert"].as_str()).collect();
    assert_eq!(named.len(), alerts.len());
    let rows = rows("\n### Alerts\n", "\n## ");
    let told: BTreeSet<&str> = rows.map(|cells| cells[0].trim_matches('`')).collect();
    assert_eq!(told, named);
}

#[test]
fn a_wrong_name_label_or_value_is_found() {
    for (expression, fault) in [
        ("rate(sheaf_no_such_total[5m]) > 0", "the name sheaf_no_such_total"),
        ("sheaf_commit_seconds > 1", "the name sheaf_commit_seconds"),
        (r#"sheaf_jobs{stage="sealed"} > 1"#, "the label stage"),
        (r#"sheaf_jobs{state!="lost"} > 1"#, "the value lost"),
        (r#"sheaf_queue_length{queue=~"ready_payments|logs"} > 1"#, "the value logs"),
        ("summ by (le) (sheaf_block_seconds_bucket)", "the name summ"),
    ] {
        assert_eq!(faults(expression), [fault], "{expression}");
    }
}
