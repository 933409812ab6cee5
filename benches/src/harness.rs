//! Running contenders in turn, and what is said of them.

use std::fmt;
use std::time::Instant;

use anyhow::Result;

/// One of those that are compared: each call is one round and answers a figure, a rate or a time.
pub struct Contender<'a> {
    name: &'static str,
    round: Box<dyn FnMut() -> Result<f64> + 'a>,
}

impl<'a> Contender<'a> {
    /// Does so many pieces of work in a round; the figure is how many a second.
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

    /// Does one thing so many times in a round; the figure is the median time of one in microseconds.
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

    /// Does something small so many times in a round; the figure is the mean time of one in microseconds.
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

    /// A round that says its own figure: for what prepares outside of the time that counts.
    pub fn figure(name: &'static str, round: impl FnMut() -> Result<f64> + 'a) -> Contender<'a> {
        Contender { name, round: Box::new(round) }
    }
}

/// What came out, round by round.
#[derive(Debug)]
pub struct Figures {
    names: Vec<&'static str>,
    /// For each contender, its figure in each round.
    rounds: Vec<Vec<f64>>,
}

/// Runs all contenders in each round, beginning with another one each time; the first round, in which caches fill,
/// does not count.
///
/// # Errors
/// The first of a contender.
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
        &self.rounds[place.expect("a figure is asked for by the name of a contender")]
    }

    /// The median figure of a contender.
    pub fn median(&self, name: &str) -> f64 {
        Spread::of(self.of(name).to_vec()).median
    }

    /// How one contender's figure stands to another's of the same round.
    pub fn ratio(&self, name: &str, to: &str) -> Spread {
        Spread::of(self.of(name).iter().zip(self.of(to)).map(|(one, other)| one / other).collect())
    }
}

/// The middle of some figures, and the quarters below and above it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Spread {
    /// The median.
    pub median: f64,
    low: f64,
    high: f64,
}

impl Spread {
    /// Of figures in any order, at least one.
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

/// What a ratio should be.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Goal {
    /// At least so much.
    AtLeast(f64),
    /// At most so much.
    AtMost(f64),
    /// Shown to explain another row.
    None,
}

/// A line of the table.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// What is measured.
    pub what: String,
    /// The figure of the library, with its unit.
    pub ours: String,
    /// The figure of the baseline, with its name and unit.
    pub raw: String,
    /// How they stand to each other.
    pub ratio: Spread,
    /// How they should.
    pub goal: Goal,
}

impl Row {
    /// The line in Markdown.
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
