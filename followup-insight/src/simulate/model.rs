//! How people answer: the probability of each answer to what we do, and how long it takes.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::chance::Chance;
use followup_core::purpose::Purpose;
use followup_core::stage::text_enum;
use followup_core::time::{HOUR, Micros};

text_enum! {
    /// An answer to something that we did. Where none of them comes there is silence (C13).
    #[non_exhaustive]
    Response, "answer" {
        /// A conversation: the touch reached them, and leaves nothing owed.
        Reached = "reached",
        /// They reply.
        Replied = "replied",
        /// They ask for information.
        AskedInformation = "asked_information",
        /// They ask for an appointment.
        AskedAppointment = "asked_appointment",
        /// They ask for a proposal.
        AskedProposal = "asked_proposal",
        /// They say that they are ready to buy.
        ReadyToBuy = "ready_to_buy",
        /// An appointment is set; where they are not ready for one (P4) they ask for it.
        Booked = "booked",
        /// They confirm the appointment (P6). Only of `confirm`.
        AppointmentConfirmed = "appointment_confirmed",
        /// They do not come (P6). Only of `hold`, in whose place it happens.
        AppointmentMissed = "appointment_missed",
        /// A next step is agreed on (P10).
        NextStepAgreed = "next_step_agreed",
        /// They will not plan a next step (P11).
        NextStepDeclined = "next_step_declined",
        /// They hand in what they owe (C17). Only of `chase_inputs`.
        InputReceived = "input_received",
        /// A machine answers that they are away (C14).
        AutoReplied = "auto_replied",
        /// The mail does not get there. Only of mail.
        Bounced = "bounced",
        /// They opt out of every channel (S6).
        OptedOut = "opted_out",
        /// They say stop (S3).
        Stopped = "stopped",
        /// They buy (P9).
        Won = "won",
        /// They say no (P9).
        Lost = "lost",
        /// They say later (P9).
        Later = "later",
    }
}

/// How likely an answer is, and how long it takes.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Likelihood {
    /// The share of our touches that it is the answer to, from 0 to 1, both included.
    pub probability: f64,
    /// Quantiles of the delay in hours at equal shares, ascending: of three, the least, the median and the greatest.
    /// Between them it is interpolated.
    pub delay_hours: Vec<f64>,
}

/// The answers to a touch, each with its likelihood; what is missing to 1 is silence.
pub type Responses = BTreeMap<Response, Likelihood>;

/// How people answer what we do: by what it is for, and for all other purposes.
///
/// As TOML (JSON and other formats of serde have the same shape):
///
/// ```
/// use followup_core::Purpose;
/// use followup_insight::simulate::ResponseModel;
///
/// let model = ResponseModel::parse("
///     [all]
///     replied = { probability = 0.1, delay_hours = [1, 8, 72] }
///     [by_purpose.ask_appointment]
///     booked = { probability = 0.25, delay_hours = [2, 24] }
/// ")?;
/// assert_eq!(model.of(Purpose::ASK_APPOINTMENT).len(), 1);
/// assert_eq!(model.of(Purpose::INFORM), model.all());
/// # Ok::<(), followup_insight::simulate::ResponseModelError>(())
/// ```
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(try_from = "Unchecked", into = "Unchecked")]
pub struct ResponseModel {
    all: Responses,
    by_purpose: BTreeMap<Purpose, Responses>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    #[serde(default)]
    all: Responses,
    #[serde(default)]
    by_purpose: BTreeMap<Purpose, Responses>,
}

/// Why something is no response model, and where.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResponseModelError {
    /// A probability that is none.
    #[error("{place}: the probability is {probability}; it is a share from 0 to 1")]
    Probability {
        /// Where, as in `by_purpose.hold.won`.
        place: String,
        /// What stands there.
        probability: f64,
    },
    /// Answers that are more than certain together.
    #[error(
        "{place}: the probabilities add up to {sum}; together they are at most 1, and the rest is silence"
    )]
    Sum {
        /// Where, as in `all`.
        place: String,
        /// Their sum.
        sum: f64,
    },
    /// Delays that are none.
    #[error(
        "{place}: delay_hours is 1 to {DELAYS_MAX} ascending numbers of hours, each from 0 to {DELAY_HOURS_MAX}"
    )]
    Delay {
        /// Where.
        place: String,
    },
    /// The text cannot be read.
    #[error("{0}")]
    Text(String),
}

/// How many quantiles of a delay there are at most.
const DELAYS_MAX: usize = 101;

/// The longest delay in hours: ten years.
const DELAY_HOURS_MAX: f64 = 87_600.0;

/// What a sum of shares may be more than 1 by, having been rounded.
const ROUNDING: f64 = 1e-9;

impl ResponseModel {
    /// Checks and takes answers to everything we do, and those to touches with a purpose.
    ///
    /// # Errors
    /// [`ResponseModelError`]: the first mistake, and where it is.
    pub fn new(
        all: Responses,
        by_purpose: BTreeMap<Purpose, Responses>,
    ) -> Result<ResponseModel, ResponseModelError> {
        check("all", &all)?;
        by_purpose.iter().try_for_each(|(purpose, of)| check(&format!("by_purpose.{purpose}"), of))?;
        Ok(ResponseModel { all, by_purpose })
    }

    /// Reads a model from TOML.
    ///
    /// # Errors
    /// [`ResponseModelError`]: the first mistake, and where it is.
    pub fn parse(text: &str) -> Result<ResponseModel, ResponseModelError> {
        let unchecked: Unchecked =
            toml::from_str(text).map_err(|error| ResponseModelError::Text(error.to_string()))?;
        unchecked.try_into()
    }

    /// Nobody ever answers.
    pub fn silent() -> ResponseModel {
        ResponseModel { all: Responses::new(), by_purpose: BTreeMap::new() }
    }

    /// What is assumed where nothing is known, as TOML with comments. An assumption, not a measurement.
    pub const ASSUMED: &'static str = include_str!("assumed.toml");

    /// What is assumed where nothing is known: [`ResponseModel::ASSUMED`].
    pub fn assumed() -> &'static ResponseModel {
        static READ: OnceLock<ResponseModel> = OnceLock::new();
        READ.get_or_init(|| {
            ResponseModel::parse(ResponseModel::ASSUMED).expect("what ships passes its own check")
        })
    }

    /// The answers to touches with a purpose: its own, else those to everything.
    pub fn of(&self, purpose: Purpose) -> &Responses {
        self.by_purpose.get(&purpose).unwrap_or(&self.all)
    }

    /// The answers to everything that has none of its own.
    pub fn all(&self) -> &Responses {
        &self.all
    }

    /// The answers by purpose.
    pub fn by_purpose(&self) -> &BTreeMap<Purpose, Responses> {
        &self.by_purpose
    }

    /// The model as TOML that reads back to it.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("a checked model holds what TOML can say")
    }

    /// Draws what comes of a touch.
    pub(super) fn draw(&self, purpose: Purpose, mut chance: Chance) -> Drawn {
        let (which, delay) = (chance.share(), chance.share());
        let responses = self.of(purpose);
        let mut passed = 0.0;
        let answer = responses.iter().find(|(_, likelihood)| {
            passed += likelihood.probability;
            which < passed
        });
        let won = responses.get(&Response::Won).filter(|won| won.probability > 0.0);
        Drawn {
            answer: answer.map(|(response, likelihood)| (*response, likelihood.delay(delay))),
            won: won.map(|won| (won.probability, won.delay(delay))),
        }
    }
}

/// What came out of chance for one touch.
pub(super) struct Drawn {
    /// The answer and its delay; `None` for silence.
    pub(super) answer: Option<(Response, Micros)>,
    /// The probability of winning by it, and the delay that this would take.
    pub(super) won: Option<(f64, Micros)>,
}

impl Likelihood {
    /// The delay that a share of all delays is at most.
    fn delay(&self, share: f64) -> Micros {
        let delays = &self.delay_hours;
        let place = share * (delays.len() - 1) as f64;
        let low = delays[place as usize];
        let high = delays.get(place as usize + 1).copied().unwrap_or(low);
        ((low + (high - low) * place.fract()) * HOUR as f64) as Micros
    }
}

impl TryFrom<Unchecked> for ResponseModel {
    type Error = ResponseModelError;

    fn try_from(unchecked: Unchecked) -> Result<ResponseModel, ResponseModelError> {
        ResponseModel::new(unchecked.all, unchecked.by_purpose)
    }
}

impl From<ResponseModel> for Unchecked {
    fn from(model: ResponseModel) -> Unchecked {
        Unchecked { all: model.all, by_purpose: model.by_purpose }
    }
}

fn check(place: &str, responses: &Responses) -> Result<(), ResponseModelError> {
    for (response, Likelihood { probability, delay_hours }) in responses {
        let place = || format!("{place}.{response}");
        if !(0.0..=1.0).contains(probability) {
            return Err(ResponseModelError::Probability { place: place(), probability: *probability });
        }
        let in_bounds = |hours: &f64| (0.0..=DELAY_HOURS_MAX).contains(hours);
        let counted = (1..=DELAYS_MAX).contains(&delay_hours.len());
        if !counted || !delay_hours.iter().all(in_bounds) || !delay_hours.is_sorted() {
            return Err(ResponseModelError::Delay { place: place() });
        }
    }
    let sum: f64 = responses.values().map(|likelihood| likelihood.probability).sum();
    match sum <= 1.0 + ROUNDING {
        true => Ok(()),
        false => Err(ResponseModelError::Sum { place: place.to_owned(), sum }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_is_said_with_its_place() {
        for (text, said) in [
            (
                "[all]\nreplied = { probability = 1.5, delay_hours = [1] }",
                "all.replied: the probability is 1.5",
            ),
            ("[all]\nwon = { probability = nan, delay_hours = [1] }", "all.won: the probability is NaN"),
            (
                "[by_purpose.hold]\nwon = { probability = 0.6, delay_hours = [1] }\n\
                 lost = { probability = 0.5, delay_hours = [1] }",
                "by_purpose.hold: the probabilities add up to 1.1",
            ),
            ("[all]\nwon = { probability = 0.1, delay_hours = [] }", "all.won: delay_hours is 1 to 101"),
            ("[all]\nwon = { probability = 0.1, delay_hours = [2, 1] }", "all.won: delay_hours"),
            ("[all]\nwon = { probability = 0.1, delay_hours = [-1] }", "all.won: delay_hours"),
            ("[all]\nwins = { probability = 0.1, delay_hours = [1] }", "line 2, column 1"),
            ("[all]\nwon = { probability = 0.1 }", "delay_hours"),
            ("[some]\n", "unknown field `some`"),
            ("[by_purpose.\"Say hello\"]\n", "Say hello"),
        ] {
            let error = ResponseModel::parse(text).unwrap_err().to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
    }

    #[test]
    fn a_model_reads_back_from_what_it_is_written_as() {
        let model = ResponseModel::assumed();
        assert_eq!(&ResponseModel::parse(&model.to_toml()).unwrap(), model);
        let json = serde_json::to_string(model).unwrap();
        assert_eq!(&serde_json::from_str::<ResponseModel>(&json).unwrap(), model);
        let wrong = r#"{"all":{"won":{"probability":2,"delay_hours":[1]}}}"#;
        let error = serde_json::from_str::<ResponseModel>(wrong).unwrap_err().to_string();
        assert!(error.starts_with("all.won: the probability is 2"), "{error}");
    }

    #[test]
    fn answers_are_drawn_as_often_as_the_model_says_and_delays_lie_within_its_quantiles() {
        let text = "[all]\nreplied = { probability = 0.3, delay_hours = [1, 3, 11] }\n\
                    won = { probability = 0.2, delay_hours = [5] }";
        let model = ResponseModel::parse(text).unwrap();
        let (mut replied, mut won, mut early) = (0, 0, 0);
        for nth in 0..10_000 {
            let drawn = model.draw(Purpose::INFORM, Chance::of(1, "p-1").nth(nth));
            match drawn.answer {
                Some((Response::Replied, delay)) => {
                    assert!((HOUR..=11 * HOUR).contains(&delay), "{delay}");
                    replied += 1;
                    early += u32::from(delay <= 3 * HOUR);
                }
                Some((response, delay)) => {
                    assert_eq!((response, delay), (Response::Won, 5 * HOUR));
                    won += 1;
                }
                None => {}
            }
        }
        assert!((2_850..3_150).contains(&replied), "{replied}");
        assert!((1_850..2_150).contains(&won), "{won}");
        assert!((1_350..1_650).contains(&early), "the median is 3 hours: {early}");
    }
}
