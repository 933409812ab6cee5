//! The response model: the probability and delay of each response to our touches.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::chance::Rng;
use followup_core::purpose::Purpose;
use followup_core::stage::text_enum;
use followup_core::time::{HOUR, Micros};

text_enum! {
    /// A response to an action of ours. No response is silence (C13).
    #[non_exhaustive]
    Response, "response" {
        /// The touch reaches the prospect: a conversation, after which no answer is owed.
        Reached = "reached",
        /// The prospect replies.
        Replied = "replied",
        /// The prospect asks for information.
        AskedInformation = "asked_information",
        /// The prospect asks for an appointment.
        AskedAppointment = "asked_appointment",
        /// The prospect asks for a proposal.
        AskedProposal = "asked_proposal",
        /// The prospect says that they are ready to buy.
        ReadyToBuy = "ready_to_buy",
        /// An appointment is set. A prospect who is not ready for one (P4) asks for it instead.
        Booked = "booked",
        /// The prospect confirms the appointment (P6). Only to `confirm`.
        AppointmentConfirmed = "appointment_confirmed",
        /// The prospect misses the appointment (P6). Only to `hold`, which it replaces.
        AppointmentMissed = "appointment_missed",
        /// A next step is agreed on (P10).
        NextStepAgreed = "next_step_agreed",
        /// The prospect declines to plan a next step (P11).
        NextStepDeclined = "next_step_declined",
        /// The prospect hands in an input (C17). Only to `chase_inputs`.
        InputReceived = "input_received",
        /// An automatic reply says that the prospect is away (C14).
        AutoReplied = "auto_replied",
        /// The email bounces. Only to email.
        Bounced = "bounced",
        /// The prospect opts out of every channel (S6).
        OptedOut = "opted_out",
        /// The prospect says stop (S3).
        Stopped = "stopped",
        /// The prospect buys (P9).
        Won = "won",
        /// The prospect says no (P9).
        Lost = "lost",
        /// The prospect says later (P9).
        Later = "later",
    }
}

/// The probability and delay of a response.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Likelihood {
    /// The share of our touches that get this response, from 0 to 1, both inclusive.
    pub probability: f64,
    /// Equally spaced quantiles of the delay in hours, ascending. Three values are the minimum, the median and the
    /// maximum. Delays between them are interpolated.
    pub delay_hours: Vec<f64>,
}

/// The responses to a touch with their likelihoods. The rest of the probability is silence.
pub type Responses = BTreeMap<Response, Likelihood>;

/// A model of how prospects respond to our touches, by purpose.
///
/// It can be read from TOML; its JSON and other serde formats have the same shape.
///
/// # Examples
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

/// An error in a response model.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResponseModelError {
    /// A probability is not a number from 0 to 1.
    #[error("{place}: invalid probability {probability}; expected a number from 0 to 1")]
    Probability {
        /// The path of the response, as in `by_purpose.hold.won`.
        place: String,
        /// The invalid value.
        probability: f64,
    },
    /// The probabilities of the responses to a touch add up to more than 1.
    #[error("{place}: the probabilities add up to {sum}; expected at most 1 (the rest is silence)")]
    Sum {
        /// The path of the responses, as in `all`.
        place: String,
        /// The sum.
        sum: f64,
    },
    /// The delays are not ascending numbers of hours in range.
    #[error(
        "{place}: invalid delay_hours; expected 1 to {DELAYS_MAX} ascending numbers from 0 to {DELAY_HOURS_MAX}"
    )]
    Delay {
        /// The path of the response.
        place: String,
    },
    /// The text cannot be read.
    #[error("{0}")]
    Text(String),
}

/// The maximum number of quantiles of a delay.
const DELAYS_MAX: usize = 101;

/// The longest delay in hours: ten years.
const DELAY_HOURS_MAX: f64 = 87_600.0;

/// The tolerance for sums of rounded probabilities above 1.
const ROUNDING: f64 = 1e-9;

impl ResponseModel {
    /// Creates a model from the responses to touches with a purpose, and those to all other touches.
    ///
    /// # Errors
    /// [`ResponseModelError`]: the first error, with its place.
    ///
    /// # Examples
    /// ```
    /// use followup_insight::simulate::{Likelihood, Response, ResponseModel, Responses};
    ///
    /// let half = Likelihood { probability: 0.5, delay_hours: vec![1.0, 8.0, 72.0] };
    /// let model = ResponseModel::new(Responses::from([(Response::Replied, half)]), [].into())?;
    /// assert_eq!(model.all()[&Response::Replied].probability, 0.5);
    /// # Ok::<(), followup_insight::simulate::ResponseModelError>(())
    /// ```
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
    /// [`ResponseModelError`]: the first error, with its place.
    ///
    /// # Examples
    /// See [`ResponseModel`].
    pub fn parse(text: &str) -> Result<ResponseModel, ResponseModelError> {
        let unchecked: Unchecked =
            toml::from_str(text).map_err(|error| ResponseModelError::Text(error.to_string()))?;
        unchecked.try_into()
    }

    /// Returns the model in which nobody ever responds.
    pub fn silent() -> ResponseModel {
        ResponseModel { all: Responses::new(), by_purpose: BTreeMap::new() }
    }

    /// The assumed model, as TOML with comments. Its figures are an assumption, not a measurement.
    pub const ASSUMED: &'static str = include_str!("assumed.toml");

    /// Returns the model that is assumed if nothing is known: [`ResponseModel::ASSUMED`].
    ///
    /// # Examples
    /// ```
    /// use followup_insight::simulate::{Response, ResponseModel};
    ///
    /// assert_eq!(ResponseModel::assumed().all()[&Response::Replied].probability, 0.06);
    /// ```
    pub fn assumed() -> &'static ResponseModel {
        static READ: OnceLock<ResponseModel> = OnceLock::new();
        READ.get_or_init(|| ResponseModel::parse(ResponseModel::ASSUMED).expect("the assumed model is valid"))
    }

    /// Returns the responses to touches with a purpose: its own, else those to all touches.
    pub fn of(&self, purpose: Purpose) -> &Responses {
        self.by_purpose.get(&purpose).unwrap_or(&self.all)
    }

    /// Returns the responses to touches with a purpose without responses of its own.
    pub fn all(&self) -> &Responses {
        &self.all
    }

    /// Returns the responses by purpose.
    pub fn by_purpose(&self) -> &BTreeMap<Purpose, Responses> {
        &self.by_purpose
    }

    /// Writes the model as TOML, which [`ResponseModel::parse`] reads.
    ///
    /// # Examples
    /// ```
    /// use followup_insight::simulate::ResponseModel;
    ///
    /// let model = ResponseModel::assumed();
    /// assert_eq!(&ResponseModel::parse(&model.to_toml())?, model);
    /// # Ok::<(), followup_insight::simulate::ResponseModelError>(())
    /// ```
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("a valid model can be written as TOML")
    }

    /// Draws the response to a touch.
    pub(super) fn draw(&self, purpose: Purpose, mut rng: Rng) -> Draw {
        let (which, delay) = (rng.fraction(), rng.fraction());
        let responses = self.of(purpose);
        let mut passed = 0.0;
        let answer = responses.iter().find(|(_, likelihood)| {
            passed += likelihood.probability;
            which < passed
        });
        let won = responses.get(&Response::Won).filter(|won| won.probability > 0.0);
        Draw {
            answer: answer.map(|(response, likelihood)| (*response, likelihood.delay(delay))),
            won: won.map(|won| (won.probability, won.delay(delay))),
        }
    }
}

/// The draw for one touch.
pub(super) struct Draw {
    /// The response and its delay; `None` for silence.
    pub(super) answer: Option<(Response, Micros)>,
    /// The probability of winning by the touch, and the delay of winning.
    pub(super) won: Option<(f64, Micros)>,
}

impl Likelihood {
    /// Returns the quantile of the delay at a share, interpolated.
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
    fn a_mistake_is_reported_with_its_place() {
        for (text, said) in [
            (
                "[all]\nreplied = { probability = 1.5, delay_hours = [1] }",
                "all.replied: invalid probability 1.5",
            ),
            ("[all]\nwon = { probability = nan, delay_hours = [1] }", "all.won: invalid probability NaN"),
            (
                "[by_purpose.hold]\nwon = { probability = 0.6, delay_hours = [1] }\n\
                 lost = { probability = 0.5, delay_hours = [1] }",
                "by_purpose.hold: the probabilities add up to 1.1",
            ),
            (
                "[all]\nwon = { probability = 0.1, delay_hours = [] }",
                "all.won: invalid delay_hours; expected 1 to 101",
            ),
            ("[all]\nwon = { probability = 0.1, delay_hours = [2, 1] }", "all.won: invalid delay_hours"),
            ("[all]\nwon = { probability = 0.1, delay_hours = [-1] }", "all.won: invalid delay_hours"),
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
    fn a_model_reads_back_from_its_written_form() {
        let model = ResponseModel::assumed();
        assert_eq!(&ResponseModel::parse(&model.to_toml()).unwrap(), model);
        let json = serde_json::to_string(model).unwrap();
        assert_eq!(&serde_json::from_str::<ResponseModel>(&json).unwrap(), model);
        let wrong = r#"{"all":{"won":{"probability":2,"delay_hours":[1]}}}"#;
        let error = serde_json::from_str::<ResponseModel>(wrong).unwrap_err().to_string();
        assert!(error.starts_with("all.won: invalid probability 2"), "{error}");
    }

    #[test]
    fn answers_are_drawn_as_often_as_the_model_says_with_delays_within_its_quantiles() {
        let text = "[all]\nreplied = { probability = 0.3, delay_hours = [1, 3, 11] }\n\
                    won = { probability = 0.2, delay_hours = [5] }";
        let model = ResponseModel::parse(text).unwrap();
        let (mut replied, mut won, mut early) = (0, 0, 0);
        for nth in 0..10_000 {
            let drawn = model.draw(Purpose::INFORM, Rng::new(1, "p-1").nth(nth));
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
