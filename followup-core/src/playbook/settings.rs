//! The settings of a playbook and their defaults.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::default_reasons;
use super::format::section;
use crate::channel::{Channel, ChannelKind};
use crate::money::Money;
use crate::purpose::{Purpose, Reason};
use crate::rule::Rule;
use crate::stage::{Kind, LastAnswer, Stage, Temperature, ValueBand};
use crate::time::{Clock, DayHours, Span, WeekHours, Weekdays, YearDay, Zone};

section! {
    /// The settings of a playbook. An empty file is a valid playbook.
    ///
    /// # Examples
    /// ```
    /// use followup_core::Temperature;
    /// use followup_core::playbook::Settings;
    ///
    /// let settings = Settings::default();
    /// assert_eq!(settings.interval(Temperature::Hot).to.to_string(), "P7D");
    /// assert_eq!(settings.stop.medium, 8);
    /// ```
    Settings {
        /// The name of the playbook.
        name: String = "default".to_owned(),
        /// The version; a published version never changes.
        version: u32 = 1,
        /// The zone of prospects that have none; UTC if left out.
        zone: Option<Zone> = None,
        /// Rules that are switched off; Rule::SWITCHABLE lists the effect of each.
        off: Vec<Rule> = Vec::new(),
        /// Open hours by weekday (C16); a weekday that is left out is closed.
        working_hours: WeekHours = nine_to_five(),
        /// Days on which the business is closed.
        holidays: Vec<NaiveDate> = Vec::new(),
        /// Local hours outside which no call or text is sent (C16).
        calling_hours: CallingHours = CallingHours::default(),
        /// The order in which channels take turns (C9).
        channels: Vec<Channel> = vec![Channel::PHONE, Channel::EMAIL, Channel::POST, Channel::SOCIAL, Channel::TEXT, Channel::VISIT],
        /// The kinds of channels that the playbook adds; calls and texts among them keep to the calling hours (C16).
        channel_kinds: BTreeMap<Channel, ChannelKind> = BTreeMap::new(),
        /// Intervals between touches (C1, C2, C5–C8, C18, P8, W7).
        cadence: Cadence = Cadence::default(),
        /// Intervals for contacts that are not prospects, until they enter a pursuit (E2, P12).
        kinds: Kinds = Kinds::default(),
        /// The length of the sales cycle, in which steps can have a place (C7).
        cycle: Option<Span> = None,
        /// Days of the year that are a reason for a touch; one within the cadence's window attracts its touch (C8).
        seasons: Vec<Season> = Vec::new(),
        /// Answers to requests (C4).
        answers: Answers = Answers::default(),
        /// Care for appointments (P5, P6).
        appointment: AppointmentCare = AppointmentCare::default(),
        /// Care for proposals (P7).
        proposal: ProposalCare = ProposalCare::default(),
        /// Chasing of inputs (C17).
        chase: Chase = Chase::default(),
        /// Limits at which a pursuit ends (S1, S2).
        stop: StopPolicy = StopPolicy::default(),
        /// Whether the cadence continues with generic touches of value after the limit (S1).
        nurture: bool = false,
        /// Returning to prospects who said "later" (P9).
        later: Later = Later::default(),
        /// Staying in touch after the decision (P9, P12).
        keep_in_touch: KeepInTouch = KeepInTouch::default(),
        /// Absences, pauses and snoozes (C14).
        absence: AbsenceCare = AbsenceCare::default(),
        /// Automatic sending.
        sending: SendingCare = SendingCare::default(),
        /// Value bands (S1); without bounds, every value is medium.
        values: Values = Values::default(),
        /// Head starts in the agenda's order, in days (E4).
        rank: Rank = Rank::default(),
        /// Days on which many first contacts are due (C3).
        batch: Batch = Batch::default(),
        /// At least one touch in this many is personal (C10).
        personal_one_in: u32 = 3,
        /// The reasons that fit each purpose, in order of preference (W1, W4).
        reasons: BTreeMap<Purpose, Vec<Reason>> = default_reasons(),
        /// Purposes that ask for something (W2, W3).
        asks: Vec<Purpose> = vec![Purpose::ASK_APPOINTMENT, Purpose::DISCUSS, Purpose::CLOSE],
        /// Steps of each stage, taken in order before the cadence continues (C7, C8).
        steps: Steps = Steps::default(),
    }
}

section! {
    /// A range of spans, from the shortest to the longest.
    Interval {
        /// The shortest span.
        from: Span = Span::days(0),
        /// The longest span.
        to: Span = Span::days(0),
    }
}

impl Interval {
    const fn new(from: Span, to: Span) -> Interval {
        Interval { from, to }
    }
}

section! {
    /// Local hours for calls and texts.
    CallingHours {
        /// The first second.
        from: Clock = Clock(8 * 3600),
        /// The end (exclusive).
        to: Clock = Clock(21 * 3600),
    }
}

section! {
    /// Intervals between touches.
    Cadence {
        /// The interval between contacts with a hot prospect (C1).
        hot: Interval = Interval::new(Span::days(7), Span::days(7)),
        /// The interval between contacts with a warm prospect (C1).
        warm: Interval = Interval::new(Span::days(14), Span::days(28)),
        /// The interval between contacts with a cool prospect (C1).
        cool: Interval = Interval::new(Span::months(2), Span::months(3)),
        /// The time for the first contact, from when they were added (C2).
        first_within: Span = Span::open_days(1),
        /// The interval to the second contact, after one touch and no sign (C8).
        second: Interval = Interval::new(Span::days(7), Span::days(10)),
        /// The minimum time between two touches that we start (C5).
        minimum_gap: Span = Span::days(2),
        /// The number of touches without a sign that cool by one temperature (C18); 0 never cools.
        cool_after_touches: u32 = 3,
        /// The exact time past the latest date after which a prospect is stale (P8).
        stale_after: Span = Span::days(28),
        /// The maximum number of touches without a sign within ceiling_within (W7).
        ceiling_touches: u32 = 5,
        /// The time in which ceiling_touches is the maximum (W7).
        ceiling_within: Span = Span::days(30),
        /// How long before their decision date the cadence aims to touch them (C12).
        before_decision: Span = Span::days(7),
    }
}

section! {
    /// Intervals for contacts that are not prospects.
    Kinds {
        /// The interval between contacts with a client (P12).
        client: Interval = Interval::new(Span::days(90), Span::days(97)),
        /// The interval between contacts with a referral source (E2).
        referral_source: Interval = Interval::new(Span::months(2), Span::months(3)),
    }
}

section! {
    /// A day of the year that is a reason for a touch.
    Season {
        /// The day.
        on: YearDay = YearDay::CHRISTMAS_EVE,
        /// The reason of the touch.
        reason: Reason = Reason::SEASONAL,
        /// The channel; the channel mix decides if left out.
        channel: Option<Channel> = None,
        /// The name of the template.
        template: Option<String> = None,
    }
}

section! {
    /// Answers to requests.
    Answers {
        /// The time for an answer, counted from the day after the request (C4).
        within: Span = Span::open_days(1),
        /// Whether an automatic email acknowledges an inquiry, at any hour (C4).
        acknowledge: bool = false,
        /// The exact time for the acknowledgement.
        acknowledge_within: Span = Span::minutes(5),
        /// The name of the acknowledgement's template.
        acknowledge_template: Option<String> = None,
    }
}

section! {
    /// Care for appointments.
    AppointmentCare {
        /// How long before its day an appointment is confirmed (P6).
        confirm_before: Span = Span::open_days(1),
        /// The time for re-booking a missed appointment (P6).
        rebook_within: Span = Span::open_days(1),
        /// The length of a good appointment, in minutes (P5).
        minutes: u32 = 60,
    }
}

section! {
    /// Care for proposals.
    ProposalCare {
        /// The time for sending a proposal after a meeting (P7).
        send_within: Span = Span::open_days(1),
        /// The interval from sending a proposal to discussing it (P7).
        discuss: Interval = Interval::new(Span::days(3), Span::days(5)),
    }
}

section! {
    /// Chasing of inputs.
    Chase {
        /// The divisor of the time left until the deadline that gives the interval (C17).
        share: u32 = 3,
        /// The shortest interval, in days (C17).
        minimum_days: u32 = 1,
        /// The interval without a deadline, in days (C17).
        without_deadline_days: u32 = 3,
        /// The number of touches past the deadline after which chasing slows down (C17).
        patience_touches: u32 = 5,
        /// The interval after that, in days (C17).
        after_patience_days: u32 = 3,
    }
}

section! {
    /// Limits at which a pursuit ends.
    StopPolicy {
        /// The limit of personal touches without a sign, for small value (S1).
        small: u32 = 3,
        /// The limit of personal touches without a sign, for medium or unknown value (S1).
        medium: u32 = 8,
        /// The number of unanswered touches after a meeting or proposal that leads to the last message (S2).
        unanswered: u32 = 3,
        /// The silence that leads to the last message, in addition to the unanswered touches (S2).
        silence: Span = Span::days(14),
        /// The time for sending the last message (S2).
        window: Span = Span::days(7),
        /// The exact time from the last message to giving up (S2).
        wait: Span = Span::days(14),
    }
}

section! {
    /// Returning to prospects who said "later".
    Later {
        /// The time for the return, counted from their date (P9).
        within: Span = Span::open_days(5),
    }
}

section! {
    /// Staying in touch after the decision.
    KeepInTouch {
        /// Whether to keep in touch with those who bought (P12).
        won: bool = false,
        /// Whether to keep in touch with those who said no (P12).
        lost: bool = false,
        /// Whether to keep in touch with those who said "later", until the return (P9).
        later: bool = true,
        /// The time since the last contact.
        after: Span = Span::days(90),
        /// The time for the touch.
        window: Span = Span::days(7),
        /// No touch if the return is due within this time after it anyway.
        margin: Span = Span::days(30),
    }
}

section! {
    /// Absences and pauses.
    AbsenceCare {
        /// The length of the absence that an automatic reply without a date implies (C14).
        auto_reply: Span = Span::days(7),
        /// The length of a pause without a date.
        pause: Span = Span::days(30),
    }
}

section! {
    /// Automatic sending.
    SendingCare {
        /// The exact time after which an intent without an outcome is unknown.
        outcome_within: Span = Span::minutes(15),
        /// The time in which a person resolves an unknown send.
        resolve_within: Span = Span::open_days(1),
    }
}

section! {
    /// Value bands: at most one bound of each kind per currency.
    Values {
        /// Values below this are small.
        small_below: Vec<Money> = Vec::new(),
        /// Values from this are large.
        large_from: Vec<Money> = Vec::new(),
    }
}

section! {
    /// Head starts in the agenda's order, in days.
    Rank {
        /// Head start of sends to resolve, agreed steps, answers, appointments and re-booking.
        owed_days: u32 = 14,
        /// Head start of confirmations, proposals, chases and last messages.
        soon_days: u32 = 7,
        /// Head start of hot prospects.
        hot_days: u32 = 3,
        /// Head start of warm prospects.
        warm_days: u32 = 1,
        /// Head start of large value.
        large_days: u32 = 3,
        /// Head start of medium or unknown value.
        medium_days: u32 = 1,
    }
}

section! {
    /// Days on which many first contacts are due.
    Batch {
        /// The maximum number of first contacts of an owner per day that are phoned; more are mailed (C3).
        phone_at_most: u32 = 5,
    }
}

section! {
    /// Steps of each stage.
    Steps {
        /// Steps at interest.
        interest: Vec<Step> = Vec::new(),
        /// Steps at information.
        information: Vec<Step> = Vec::new(),
        /// Steps at appointment.
        appointment: Vec<Step> = Vec::new(),
        /// Steps at proposal.
        proposal: Vec<Step> = Vec::new(),
        /// Steps at decision.
        decision: Vec<Step> = Vec::new(),
    }
}

section! {
    /// A step. Each touch of ours after the stage was entered takes the next step.
    Step {
        /// The time after the last contact or after the stage was entered, whichever is later.
        after: Span = Span::days(7),
        /// Instead of after: the place in percent of the sales cycle, counted from when the prospect was added or the
        /// pursuit was restarted; a step whose place is before the stage was entered is skipped (C7).
        cycle_percent: Option<u32> = None,
        /// Postpones the step to the next such day of the year (C8).
        on: Option<YearDay> = None,
        /// Only after this answer to our last touch; otherwise the step is skipped.
        when: Option<LastAnswer> = None,
        /// Only for this value band; otherwise the step is skipped (S1, C10).
        band: Option<ValueBand> = None,
        /// Only a touch with the purpose of the step takes it; other touches leave it next.
        wait_until_done: bool = false,
        /// The step is taken repeatedly, until the stage is left or its answer has come.
        repeat: bool = false,
        /// The time for the step.
        within: Span = Span::days(3),
        /// The purpose.
        purpose: Purpose = Purpose::CHECK_IN,
        /// The channel; the channel mix decides if left out.
        channel: Option<Channel> = None,
        /// The reason; the list of reasons decides if left out.
        reason: Option<Reason> = None,
        /// The name of the template.
        template: Option<String> = None,
        /// Whether the touch is personal.
        personal: bool = true,
        /// Whether it is sent without a person.
        automatic: bool = false,
    }
}

fn nine_to_five() -> WeekHours {
    let day = DayHours::from_to(9 * 3600, 17 * 3600).expect("nine is before five");
    WeekHours::on(Weekdays::WORKING, day)
}

impl Settings {
    /// Returns the interval between contacts of a temperature (C1).
    pub fn interval(&self, temperature: Temperature) -> &Interval {
        match temperature {
            Temperature::Hot => &self.cadence.hot,
            Temperature::Warm => &self.cadence.warm,
            Temperature::Cool => &self.cadence.cool,
        }
    }

    /// Returns the interval of contacts that are not prospects (E2, P12), if their kind has one.
    pub(crate) fn kind_interval(&self, kind: Kind) -> Option<&Interval> {
        match kind {
            Kind::Client => Some(&self.kinds.client),
            Kind::ReferralSource => Some(&self.kinds.referral_source),
            Kind::Prospect | Kind::Stakeholder => None,
        }
    }

    /// Returns the kind of a channel: of a built-in one, or of one that the playbook adds.
    ///
    /// # Examples
    /// ```
    /// use followup_core::channel::ChannelKind;
    /// use followup_core::{Channel, Playbook};
    ///
    /// let playbook = Playbook::parse("[channel_kinds]\nfax = \"letter\"\n")?;
    /// assert_eq!(playbook.settings().channel_kind(Channel::new("fax")?), ChannelKind::Letter);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn channel_kind(&self, channel: Channel) -> ChannelKind {
        self.channel_kinds.get(&channel).copied().unwrap_or_else(|| channel.kind())
    }

    /// Whether a touch with this purpose asks for something (W2, W3).
    ///
    /// # Examples
    /// ```
    /// use followup_core::Purpose;
    /// use followup_core::playbook::Settings;
    ///
    /// assert!(Settings::default().is_ask(Purpose::CLOSE));
    /// assert!(!Settings::default().is_ask(Purpose::CHECK_IN));
    /// ```
    pub fn is_ask(&self, purpose: Purpose) -> bool {
        self.asks.contains(&purpose)
    }

    /// Returns the steps of a stage.
    ///
    /// # Examples
    /// ```
    /// use followup_core::{Playbook, Stage};
    ///
    /// let playbook = Playbook::parse("[[steps.interest]]\nafter = \"P3D\"\npurpose = \"inform\"\n")?;
    /// assert_eq!(playbook.settings().steps(Stage::Interest)[0].purpose.as_str(), "inform");
    /// # Ok::<(), followup_core::playbook::PlaybookError>(())
    /// ```
    pub fn steps(&self, stage: Stage) -> &[Step] {
        match stage {
            Stage::Interest => &self.steps.interest,
            Stage::Information => &self.steps.information,
            Stage::Appointment => &self.steps.appointment,
            Stage::Proposal => &self.steps.proposal,
            Stage::Decision => &self.steps.decision,
        }
    }

    /// Returns the band of a value; a value that is unknown or in a currency without bounds is medium.
    ///
    /// # Examples
    /// ```
    /// use followup_core::Playbook;
    /// use followup_core::stage::ValueBand;
    ///
    /// let playbook = Playbook::parse("[values]\nlarge_from = [\"50000EUR\"]\n")?;
    /// assert_eq!(playbook.settings().band(Some("60000EUR".parse()?)), ValueBand::Large);
    /// assert_eq!(playbook.settings().band(None), ValueBand::Medium);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn band(&self, value: Option<Money>) -> ValueBand {
        let Some(value) = value else { return ValueBand::Medium };
        let bound = |bounds: &[Money]| {
            bounds.iter().find(|bound| bound.currency() == value.currency()).map(Money::minor)
        };
        if bound(&self.values.small_below).is_some_and(|below| value.minor() < below) {
            ValueBand::Small
        } else if bound(&self.values.large_from).is_some_and(|from| value.minor() >= from) {
            ValueBand::Large
        } else {
            ValueBand::Medium
        }
    }
}
