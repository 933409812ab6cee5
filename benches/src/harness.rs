//! Runs contenders alternately and computes the ratios of their figures.

use std::fmt;
use std::time::Instant;

use anyhow::Result;

/// One of the compared candidates. Each call runs one round and returns a figure, a rate or a time.
pub struct Contender<'a> {
    name: &'static str,
    round: Box<dyn FnMut() -> Result<f64> + 'a>,
}

impl<'a> Contender<'a> {
    /// Creates a contender that does `pieces` pieces of work per round. The figure is the number of pieces per second.
    pub fn rate(
        name: &'static str,
        pieces: usize,
        mut work: impl FnMut(usize) -> Result<()> + 'a,
    ) -> Contender<'a> {
        let round = move || {
            let start = Instant::now();
            work(pieces)?;
            Ok(pieces as f64 / start.elapsed().as_secs_f64())
        };
        Contender { name, round: Box::new(round) }
    }

    /// Creates a contender that does its work `times` times per round. The figure is the median time of one, in
    /// microseconds.
    pub fn micros(
        name: &'static str,
        times: usize,
        mut work: impl FnMut() -> Result<()> + 'a,
    ) -> Contender<'a> {
        let round = move || {
            let mut micros = Vec::with_capacity(times);
            for _ in 0..times {
                let start = Instant::now();
                work()?;
                micros.push(start.elapsed().as_secs_f64() * 1e6);
            }
            Ok(Spread::of(micros).median)
        };
        Contender { name, round: Box::new(round) }
    }

    /// Creates a contender that does a small piece of work `times` times per round. The figure is the mean time of one,
    /// in microseconds.
    pub fn each(
        name: &'static str,
        times: usize,
        mut work: impl FnMut(usize) -> Result<()> + 'a,
    ) -> Contender<'a> {
        let round = move || {
            let start = Instant::now();
            (0..times).try_for_each(&mut work)?;
            Ok(start.elapsed().as_secs_f64() * 1e6 / times as f64)
        };
        Contender { name, round: Box::new(round) }
    }

    /// Creates a contender whose round returns its own figure, for work with preparation outside of the measured time.
    pub fn figure(name: &'static str, round: impl FnMut() -> Result<f64> + 'a) -> Contender<'a> {
        Contender { name, round: Box::new(round) }
    }
}

/// The figures of all contenders, round by round.
#[derive(Debug)]
pub struct Figures {
    names: Vec<&'static str>,
    /// For each contender, the figure of each round.
    rounds: Vec<Vec<f64>>,
}

/// Runs all contenders in each round, starting with a different one each time. An extra first round, which fills the
/// caches, is not counted.
///
/// # Errors
/// The first error of a contender.
pub fn interleave(rounds: usize, contenders: &mut [Contender<'_>]) -> Result<Figures> {
    let many = contenders.len();
    let mut figures = vec![Vec::with_capacity(rounds); many];
    for round in 0..=rounds {
        for turn in 0..many {
            let place = (round + turn) % many;
            let figure = (contenders[place].round)()?;
            if round > 0 {
                figures[place].push(figure);
            }
        }
    }
    Ok(Figures { names: contenders.iter().map(|contender| contender.name).collect(), rounds: figures })
}

impl Figures {
    fn of(&self, name: &str) -> &[f64] {
        let place = self.names.iter().position(|known| *known == name);
        &self.rounds[place.expect("the name is that of a contender")]
    }

    /// The median figure of a contender.
    pub fn median(&self, name: &str) -> f64 {
        Spread::of(self.of(name).to_vec()).median
    }

    /// The ratio of one contender's figure to that of another, per round.
    pub fn ratio(&self, name: &str, to: &str) -> Spread {
        Spread::of(self.of(name).iter().zip(self.of(to)).map(|(one, other)| one / other).collect())
    }
}

/// The median of some figures, with the lower and the upper quartile.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Spread {
    /// The median.
    pub median: f64,
    low: f64,
    high: f64,
}

impl Spread {
    /// Computes the spread of one or more figures, in any order.
    pub fn of(mut figures: Vec<f64>) -> Spread {
        figures.sort_by(f64::total_cmp);
        let at = |part: f64| {
            let place = part * (figures.len() - 1) as f64;
            let (below, above) = (figures[place.floor() as usize], figures[place.ceil() as usize]);
            below + (above - below) * place.fract()
        };
        Spread { median: at(0.5), low: at(0.25), high: at(0.75) }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} ({:.2}–{:.2})", self.median, self.low, self.high)
    }
}

/// The goal of a ratio.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Goal {
    /// The median is at least this value.
    AtLeast(f64),
    /// The median is at most this value.
    AtMost(f64),
    /// No goal: the row explains another one.
    None,
}

/// A row of the results table.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// The measured operation.
    pub what: String,
    /// The figure of the library, with its unit.
    pub ours: String,
    /// The figure of the baseline, with its name and unit.
    pub raw: String,
    /// The ratio of the two figures.
    pub ratio: Spread,
    /// The goal of the ratio.
    pub goal: Goal,
}

impl Row {
    /// Formats the row in Markdown.
    pub fn markdown(&self) -> String {
        let (goal, met) = match self.goal {
            Goal::AtLeast(least) => (format!("≥ {least:.2}"), self.ratio.median >= least),
            Goal::AtMost(most) => (format!("≤ {most:.2}"), self.ratio.median <= most),
            Goal::None => ("–".to_owned(), true),
        };
        let met = match (self.goal, met) {
            (Goal::None, _) => "",
            (_, true) => "yes",
            (_, false) => "**no**",
        };
        format!("| {} | {} | {} | {} | {goal} | {met} |", self.what, self.ours, self.raw, self.ratio)
    }
}
