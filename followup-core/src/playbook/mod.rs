//! Playbooks: the way a business follows up, as data.

mod check;
mod contradictions;
mod format;
mod settings;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use serde_json::{Value, json};

pub use check::{PlaybookError, Problem, Severity};
pub use settings::{
    AbsenceCare, Answers, AppointmentCare, Batch, Cadence, CallingHours, Chase, Interval, KeepInTouch, Kinds,
    Later, ProposalCare, Rank, Season, SendingCare, Settings, Step, Steps, StopPolicy, Values,
};

use crate::purpose::{Purpose, Reason};
use crate::rule::RuleSet;
use crate::time::{Calendar, Day, WeekHours, Zone};
use format::Setting;

/// The way a business follows up: checked settings, with derived values that planning needs.
///
/// # Examples
/// ```
/// use followup_core::Playbook;
///
/// let playbook = Playbook::parse("[cadence.hot]\nfrom = \"P5D\"\nto = \"P5D\"\n")?;
/// assert_eq!(playbook.settings().cadence.hot.from.to_string(), "P5D");
/// # Ok::<(), followup_core::playbook::PlaybookError>(())
/// ```
#[derive(Clone)]
pub struct Playbook {
    settings: Settings,
    off: RuleSet,
    /// Closed days, ascending.
    holidays: Vec<Day>,
    hash: String,
}

/// Playbooks are equal if their settings are equal.
impl PartialEq for Playbook {
    fn eq(&self, other: &Playbook) -> bool {
        self.hash == other.hash
    }
}

impl Default for Playbook {
    fn default() -> Playbook {
        Playbook::new(Settings::default()).expect("the default settings have no contradictions")
    }
}

impl fmt::Debug for Playbook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Playbook({})", self.id())
    }
}

impl Playbook {
    /// Checks settings and creates a playbook from them.
    ///
    /// # Errors
    /// [`PlaybookError`] with all contradictions.
    ///
    /// # Examples
    /// ```
    /// use followup_core::playbook::{Playbook, Settings};
    ///
    /// let mut settings = Settings::default();
    /// settings.stop.medium = 5;
    /// assert_eq!(Playbook::new(settings)?.settings().stop.medium, 5);
    /// # Ok::<(), followup_core::playbook::PlaybookError>(())
    /// ```
    pub fn new(settings: Settings) -> Result<Playbook, PlaybookError> {
        let problems = contradictions::contradictions(&settings);
        PlaybookError::unless_fine(check::located(problems, None))?;
        Ok(Playbook::assemble(settings))
    }

    /// Reads a playbook from TOML.
    ///
    /// # Errors
    /// [`PlaybookError`] with *all* mistakes, each with its line, column, cause and what is expected.
    ///
    /// # Examples
    /// ```
    /// use followup_core::Playbook;
    ///
    /// let playbook = Playbook::parse("name = \"agency\"\nchannels = [\"email\", \"phone\"]\n")?;
    /// assert_eq!(playbook.name(), "agency");
    /// # Ok::<(), followup_core::playbook::PlaybookError>(())
    /// ```
    pub fn parse(toml: &str) -> Result<Playbook, PlaybookError> {
        Playbook::parse_with_warnings(toml).map(|(playbook, _)| playbook)
    }

    /// Reads a playbook from TOML and returns it with its warnings.
    ///
    /// # Errors
    /// As [`Playbook::parse`].
    ///
    /// # Examples
    /// ```
    /// use followup_core::Playbook;
    ///
    /// let (_, warnings) = Playbook::parse_with_warnings("[stop]\nmedium = 2\n")?;
    /// let message = "2:10: warning: stop.medium: fewer than four follow-ups per first contact (C7)";
    /// assert!(warnings.iter().any(|warning| warning.to_string() == message));
    /// # Ok::<(), followup_core::playbook::PlaybookError>(())
    /// ```
    pub fn parse_with_warnings(toml: &str) -> Result<(Playbook, Vec<Problem>), PlaybookError> {
        let (settings, problems) = check::read(toml);
        let warnings = PlaybookError::unless_fine(problems)?;
        Ok((Playbook::assemble(settings), warnings))
    }

    fn assemble(settings: Settings) -> Playbook {
        let mut holidays: Vec<Day> = settings.holidays.iter().map(|date| Day::of(*date)).collect();
        holidays.sort_unstable();
        holidays.dedup();
        let off = settings.off.iter().copied().collect();
        let hash = blake3::hash(settings.write().to_string().as_bytes()).to_hex()[..16].to_owned();
        Playbook { settings, off, holidays, hash }
    }

    /// Returns a shipped playbook by its name (Q1–Q5). [`SHIPPED`] lists them.
    ///
    /// # Examples
    /// ```
    /// use followup_core::Playbook;
    ///
    /// assert!(Playbook::shipped("services").is_some());
    /// assert_eq!(Playbook::shipped("unknown"), None);
    /// ```
    pub fn shipped(name: &str) -> Option<Playbook> {
        Playbook::all_shipped()
            .iter()
            .find(|shipped| shipped.name() == name)
            .map(|shipped| Playbook::clone(shipped))
    }

    /// Returns the shipped playbooks, in the order of [`SHIPPED`]. They are parsed once.
    ///
    /// # Examples
    /// ```
    /// use followup_core::Playbook;
    ///
    /// let names: Vec<_> = Playbook::all_shipped().iter().map(|playbook| playbook.name()).collect();
    /// assert_eq!(names[0], "services");
    /// ```
    pub fn all_shipped() -> &'static [Arc<Playbook>] {
        static READ: OnceLock<Vec<Arc<Playbook>>> = OnceLock::new();
        let read = |(_, toml): &(&str, &str)| Playbook::parse(toml).expect("a shipped playbook is valid");
        READ.get_or_init(|| SHIPPED.iter().map(read).map(Arc::new).collect())
    }

    /// Returns the settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// Returns a hash of the settings. Playbooks with equal hashes plan equally.
    ///
    /// # Examples
    /// ```
    /// use followup_core::Playbook;
    ///
    /// let spelled_out = Playbook::parse("[cadence.hot]\nfrom = \"P7D\"\nto = \"P7D\"\n")?;
    /// assert_eq!(spelled_out.hash(), Playbook::default().hash(), "the text states defaults only");
    /// let other = Playbook::parse("[cadence.hot]\nfrom = \"P5D\"\n")?;
    /// assert_ne!(other.hash(), Playbook::default().hash());
    /// # Ok::<(), followup_core::playbook::PlaybookError>(())
    /// ```
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Returns name, version and hash, such as `default/1/0123456789abcdef`.
    pub fn id(&self) -> String {
        format!("{}/{}/{}", self.settings.name, self.settings.version, self.hash)
    }

    /// Returns the zone of prospects that have none.
    pub fn zone(&self) -> Zone {
        self.settings.zone.unwrap_or_else(Zone::utc)
    }

    pub(crate) fn off(&self) -> &RuleSet {
        &self.off
    }

    /// Returns the open days and hours of the business, in the zone of the playbook.
    ///
    /// # Examples
    /// ```
    /// use followup_core::Playbook;
    /// use followup_core::time::to_micros;
    ///
    /// let playbook = Playbook::parse("zone = \"Europe/Berlin\"\nholidays = [2026-05-01]\n")?;
    /// let friday_noon = to_micros("2026-05-01T10:00:00Z".parse()?);
    /// assert!(!playbook.calendar().is_open(friday_noon));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn calendar(&self) -> Calendar<'_> {
        Calendar::new(self.zone(), self.settings.working_hours, &self.holidays)
    }

    pub(crate) fn holidays(&self) -> &[Day] {
        &self.holidays
    }

    pub(crate) fn working_hours(&self) -> &WeekHours {
        &self.settings.working_hours
    }

    /// Returns all settings, defaults included, as JSON.
    ///
    /// # Examples
    /// ```
    /// use followup_core::Playbook;
    ///
    /// assert_eq!(Playbook::default().to_json()["cadence"]["hot"]["to"], "P7D");
    /// ```
    pub fn to_json(&self) -> Value {
        self.settings.write()
    }

    /// Returns all settings, defaults included, as TOML that reads back to the same playbook.
    ///
    /// # Examples
    /// ```
    /// use followup_core::Playbook;
    ///
    /// let playbook = Playbook::default();
    /// assert_eq!(Playbook::parse(&playbook.to_toml())?, playbook);
    /// # Ok::<(), followup_core::playbook::PlaybookError>(())
    /// ```
    pub fn to_toml(&self) -> String {
        toml::to_string(&self.to_json()).expect("settings have only values that TOML can express")
    }

    /// Returns the JSON Schema (draft 2020-12) of playbooks.
    ///
    /// # Examples
    /// ```
    /// use followup_core::Playbook;
    ///
    /// let schema = Playbook::schema();
    /// assert_eq!(schema["properties"]["version"]["default"], 1);
    /// ```
    pub fn schema() -> Value {
        let mut schema = Settings::schema();
        schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
        schema["title"] = json!("followup playbook");
        schema
    }
}

/// The shipped playbooks as commented TOML, by name, to use as they are or as a start: services (Q1), sales_cycle (Q2),
/// keep_in_touch (Q3), stakeholder_inputs (Q4) and marketing_ball (Q5). Every desk has them; a prospect is given one by
/// its name.
pub const SHIPPED: &[(&str, &str)] = &[
    ("services", include_str!("../../playbooks/services.toml")),
    ("sales_cycle", include_str!("../../playbooks/sales_cycle.toml")),
    ("keep_in_touch", include_str!("../../playbooks/keep_in_touch.toml")),
    ("stakeholder_inputs", include_str!("../../playbooks/stakeholder_inputs.toml")),
    ("marketing_ball", include_str!("../../playbooks/marketing_ball.toml")),
];

/// Returns the reasons that fit each purpose, in order of preference; "are you ready?" comes last, if it fits at all.
fn default_reasons() -> BTreeMap<Purpose, Vec<Reason>> {
    let value =
        [Reason::ARTICLE, Reason::ADVICE, Reason::PRODUCT_UPDATE, Reason::PRICE_UPDATE, Reason::SEASONAL];
    let with = |first: &[Reason], last: &[Reason]| [first, &value[..], last].concat();
    let inform = [&value[..4], &[Reason::HOLIDAY_NOTICE]].concat();
    BTreeMap::from([
        (Purpose::INFORM, inform),
        (Purpose::CHECK_IN, with(&[], &[Reason::HOLIDAY_NOTICE, Reason::REFERRER_HINT])),
        (
            Purpose::ASK_APPOINTMENT,
            with(&[Reason::APPOINTMENT], &[Reason::REFERRER_HINT, Reason::ARE_YOU_READY]),
        ),
        (
            Purpose::DISCUSS,
            vec![
                Reason::PROPOSAL,
                Reason::ADVICE,
                Reason::PRICE_UPDATE,
                Reason::ARTICLE,
                Reason::ARE_YOU_READY,
            ],
        ),
        (
            Purpose::CLOSE,
            vec![
                Reason::PROPOSAL,
                Reason::PRICE_UPDATE,
                Reason::ADVICE,
                Reason::ARTICLE,
                Reason::ARE_YOU_READY,
            ],
        ),
        (Purpose::PROPOSE, vec![Reason::PROPOSAL]),
        (Purpose::DISCOVER, vec![Reason::ASKED_FOR]),
        (Purpose::HOLD, vec![Reason::APPOINTMENT]),
        (Purpose::CONFIRM, vec![Reason::APPOINTMENT]),
        (Purpose::REBOOK, vec![Reason::APPOINTMENT]),
        (Purpose::CHASE_INPUTS, vec![Reason::INPUT_DUE]),
        (Purpose::LAST_MESSAGE, vec![Reason::THANK_YOU]),
        (Purpose::RE_ENGAGE, vec![Reason::AGREED]),
        (
            Purpose::KEEP_IN_TOUCH,
            with(&[], &[Reason::HOLIDAY_NOTICE, Reason::ANNIVERSARY, Reason::THANK_YOU]),
        ),
        (Purpose::RESOLVE_SEND, vec![Reason::THANK_YOU]),
        (Purpose::ACKNOWLEDGE, vec![Reason::ASKED_FOR]),
    ])
}
