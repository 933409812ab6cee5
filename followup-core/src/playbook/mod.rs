//! Playbooks: how a house follows up, as data.

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

/// How a house follows up: settings that were checked, and what planning needs of them at hand.
///
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

/// Two playbooks are equal if they say the same.
impl PartialEq for Playbook {
    fn eq(&self, other: &Playbook) -> bool {
        self.hash == other.hash
    }
}

impl Default for Playbook {
    fn default() -> Playbook {
        Playbook::new(Settings::default()).expect("the defaults pass their own check")
    }
}

impl fmt::Debug for Playbook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Playbook({})", self.id())
    }
}

impl Playbook {
    /// Checks settings and makes a playbook of them.
    ///
    /// # Errors
    /// [`PlaybookError`] with every contradiction found.
    pub fn new(settings: Settings) -> Result<Playbook, PlaybookError> {
        let problems = contradictions::contradictions(&settings);
        PlaybookError::unless_fine(check::located(problems, None))?;
        Ok(Playbook::assemble(settings))
    }

    /// Reads a playbook from TOML.
    ///
    /// # Errors
    /// [`PlaybookError`] with *all* mistakes, each with line, column, what is wrong and what would be right.
    pub fn parse(toml: &str) -> Result<Playbook, PlaybookError> {
        Playbook::parse_with_warnings(toml).map(|(playbook, _)| playbook)
    }

    /// Reads a playbook from TOML, and hands back the warnings with it.
    ///
    /// # Errors
    /// As [`Playbook::parse`].
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

    /// A playbook that ships, by its name (Q1–Q5); see [`SHIPPED`].
    pub fn shipped(name: &str) -> Option<Playbook> {
        Playbook::all_shipped()
            .iter()
            .find(|shipped| shipped.name() == name)
            .map(|shipped| Playbook::clone(shipped))
    }

    /// The playbooks that ship, in the order of [`SHIPPED`], parsed once.
    pub fn all_shipped() -> &'static [Arc<Playbook>] {
        static READ: OnceLock<Vec<Arc<Playbook>>> = OnceLock::new();
        let read = |(_, toml): &(&str, &str)| Playbook::parse(toml).expect("what ships passes its own check");
        READ.get_or_init(|| SHIPPED.iter().map(read).map(Arc::new).collect())
    }

    /// What it says.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// A hash of all that it says: equal hashes plan equally.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Name, version and hash, as in `default/1/0123456789abcdef`.
    pub fn id(&self) -> String {
        format!("{}/{}/{}", self.settings.name, self.settings.version, self.hash)
    }

    /// The zone of prospects who have none of their own.
    pub fn zone(&self) -> Zone {
        self.settings.zone.unwrap_or_else(Zone::utc)
    }

    pub(crate) fn off(&self) -> &RuleSet {
        &self.off
    }

    /// The open days and hours of the business, in the zone of the playbook.
    pub fn calendar(&self) -> Calendar<'_> {
        Calendar::new(self.zone(), self.settings.working_hours, &self.holidays)
    }

    pub(crate) fn holidays(&self) -> &[Day] {
        &self.holidays
    }

    pub(crate) fn working_hours(&self) -> &WeekHours {
        &self.settings.working_hours
    }

    /// All that it says, defaults included, as JSON.
    pub fn to_json(&self) -> Value {
        self.settings.write()
    }

    /// All that it says, defaults included, as TOML that reads back to the same playbook.
    pub fn to_toml(&self) -> String {
        toml::to_string(&self.to_json()).expect("settings hold what TOML can say")
    }

    /// The JSON Schema (draft 2020-12) of a playbook.
    pub fn schema() -> Value {
        let mut schema = Settings::schema();
        schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
        schema["title"] = json!("followup playbook");
        schema
    }
}

/// The playbooks that ship, as TOML with comments, to be used as they are or to begin one's own with: by name, services
/// (Q1), sales_cycle (Q2), keep_in_touch (Q3), stakeholder_inputs (Q4) and marketing_ball (Q5). Every desk has them: a
/// prospect is given one by its name.
pub const SHIPPED: &[(&str, &str)] = &[
    ("services", include_str!("../../playbooks/services.toml")),
    ("sales_cycle", include_str!("../../playbooks/sales_cycle.toml")),
    ("keep_in_touch", include_str!("../../playbooks/keep_in_touch.toml")),
    ("stakeholder_inputs", include_str!("../../playbooks/stakeholder_inputs.toml")),
    ("marketing_ball", include_str!("../../playbooks/marketing_ball.toml")),
];

/// The reasons that fit each purpose, in order of preference; "are you ready?" comes last, where it fits at all.
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
