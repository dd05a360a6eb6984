//! Figures, as JSON and as a table.

use std::time::Duration;

use serde::Serialize;

/// One row: a scenario, how it was run, and what was seen.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    pub scenario: String,
    pub database: &'static str,
    pub durability: &'static str,
    pub figures: Vec<Figure>,
}

/// One figure with its unit, such as `deliveries` `1/s`.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    pub name: &'static str,
    pub value: f64,
    pub unit: &'static str,
}

impl Row {
    pub fn new(scenario: impl Into<String>, database: &'static str, durability: &'static str) -> Self {
        Self { scenario: scenario.into(), database, durability, figures: Vec::new() }
    }

    #[must_use]
    pub fn with(mut self, name: &'static str, value: f64, unit: &'static str) -> Self {
        self.figures.push(Figure { name, value, unit });
        self
    }
}

/// Percentiles of durations.
#[derive(Default)]
pub struct Latencies(Vec<Duration>);

impl Latencies {
    pub fn push(&mut self, latency: Duration) {
        self.0.push(latency);
    }

    /// The `percent` percentile in milliseconds by nearest rank; 0 when nothing was measured.
    pub fn percentile_ms(&mut self, percent: usize) -> f64 {
        self.0.sort_unstable();
        let rank = (self.0.len() * percent).div_ceil(100).clamp(1, self.0.len().max(1));
        self.0.get(rank - 1).map_or(0.0, |latency| latency.as_secs_f64() * 1e3)
    }
}

/// The table, one line a figure.
#[must_use]
pub fn table(rows: &[Row]) -> String {
    let mut text = String::from("| scenario | database | figure | value |\n|---|---|---|---|\n");
    for row in rows {
        for figure in &row.figures {
            let value = if figure.value >= 100.0 {
                format!("{:.0}", figure.value)
            } else {
                format!("{:.4}", figure.value).trim_end_matches('0').trim_end_matches('.').to_owned()
            };
            text += &format!("| {} | {} | {} | {value} {} |\n", row.scenario, row.database, figure.name, figure.unit);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let mut latencies = Latencies::default();
        for ms in 1..=200 {
            latencies.push(Duration::from_millis(ms));
        }
        assert!((latencies.percentile_ms(50) - 100.0).abs() < 1e-9);
        assert!((latencies.percentile_ms(99) - 198.0).abs() < 1e-9);
        assert!(Latencies::default().percentile_ms(99).abs() < 1e-9);
    }
}
