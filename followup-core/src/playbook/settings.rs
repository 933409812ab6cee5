//! What a playbook can say, with all defaults.

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
    /// Everything that a playbook can say. An empty file is a good playbook.
    Settings {
        /// The playbook's name.
        name: String = "default".to_owned(),
        /// Its version; published versions never change.
        version: u32 = 1,
        /// The zone of prospects who have none of their own; UTC if left out.
        zone: Option<Zone> = None,
        /// Rules that are switched off; see Rule::SWITCHABLE for what holds instead.
        off: Vec<Rule> = Vec::new(),
        /// Open hours by weekday (C16); a weekday that is left out is closed.
        working_hours: WeekHours = nine_to_five(),
        /// Days on which it stays closed.
        holidays: Vec<NaiveDate> = Vec::new(),
        /// Calls and texts never go out outside of these local hours (C16).
        calling_hours: CallingHours = CallingHours::default(),
        /// The order in which channels take turns (C9).
        channels: Vec<Channel> = vec![Channel::PHONE, Channel::EMAIL, Channel::POST, Channel::SOCIAL, Channel::TEXT, Channel::VISIT],
        /// The kinds of channels of its own; calls and texts among them keep to the calling hours (C16).
        channel_kinds: BTreeMap<Channel, ChannelKind> = BTreeMap::new(),
        /// How often, and how far apart (C1, C2, C5–C8, C18, P8, W7).
        cadence: Cadence = Cadence::default(),
        /// How often those are touched who are no prospects, until they enter a pursuit of their own (E2, P12).
        kinds: Kinds = Kinds::default(),
        /// The length of the sales cycle, which steps may be placed in (C7).
        cycle: Option<Span> = None,
        /// Days of the year that are a reason for a touch: one that falls into the cadence's window draws it (C8).
        seasons: Vec<Season> = Vec::new(),
        /// How fast what they ask for is answered (C4).
        answers: Answers = Answers::default(),
        /// What happens around an appointment (P6).
        appointment: AppointmentCare = AppointmentCare::default(),
        /// What happens around a proposal (P7).
        proposal: ProposalCare = ProposalCare::default(),
        /// How inputs are chased (C17).
        chase: Chase = Chase::default(),
        /// When to stop (S1, S2).
        stop: StopPolicy = StopPolicy::default(),
        /// After S1 the cadence goes on generic, by value (S1).
        nurture: bool = false,
        /// Coming back to those who said later (P9).
        later: Later = Later::default(),
        /// Staying in touch after the decision (P9, P12).
        keep_in_touch: KeepInTouch = KeepInTouch::default(),
        /// Absences, pauses and snoozes (C14).
        absence: AbsenceCare = AbsenceCare::default(),
        /// Automatic sending.
        sending: SendingCare = SendingCare::default(),
        /// Value bands (S1): without any, every value is medium.
        values: Values = Values::default(),
        /// Head starts in the agenda's order, in days (E4).
        rank: Rank = Rank::default(),
        /// When many are due for the first time (C3).
        batch: Batch = Batch::default(),
        /// At least one touch in so many is personal (C10).
        personal_one_in: u32 = 3,
        /// The reasons that fit each purpose, in order of preference (W1, W4).
        reasons: BTreeMap<Purpose, Vec<Reason>> = default_reasons(),
        /// The purposes that ask for something (W2, W3).
        asks: Vec<Purpose> = vec![Purpose::ASK_APPOINTMENT, Purpose::DISCUSS, Purpose::CLOSE],
        /// Steps of each stage, taken in order before the cadence goes on (C7, C8).
        steps: Steps = Steps::default(),
    }
}

section! {
    /// From when to when.
    Interval {
        /// Not before.
        from: Span = Span::days(0),
        /// Not after.
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
        /// The end, excluded.
        to: Clock = Clock(21 * 3600),
    }
}

section! {
    /// How often, and how far apart.
    Cadence {
        /// Between contacts with a hot prospect (C1).
        hot: Interval = Interval::new(Span::days(7), Span::days(7)),
        /// Between contacts with a warm prospect (C1).
        warm: Interval = Interval::new(Span::days(14), Span::days(28)),
        /// Between contacts with a cool prospect (C1).
        cool: Interval = Interval::new(Span::months(2), Span::months(3)),
        /// The first contact, from when they were added (C2).
        first_within: Span = Span::open_days(1),
        /// The second contact, after one touch and no sign (C8).
        second: Interval = Interval::new(Span::days(7), Span::days(10)),
        /// Between two touches that we start (C5).
        minimum_gap: Span = Span::days(2),
        /// So many touches without a sign cool by one (C18); 0 never cools.
        cool_after_touches: u32 = 3,
        /// Past the latest date by this long, exactly, is stale (P8).
        stale_after: Span = Span::days(28),
        /// At most so many touches without a sign (W7) …
        ceiling_touches: u32 = 5,
        /// … within this long (W7).
        ceiling_within: Span = Span::days(30),
        /// How long before their decision date the cadence aims at it (C12).
        before_decision: Span = Span::days(7),
    }
}

section! {
    /// How often those are touched who are no prospects.
    Kinds {
        /// Between contacts with somebody who has bought (P12).
        client: Interval = Interval::new(Span::days(90), Span::days(97)),
        /// Between contacts with somebody who sends others (E2).
        referral_source: Interval = Interval::new(Span::months(2), Span::months(3)),
    }
}

section! {
    /// A day of the year that is a reason for a touch.
    Season {
        /// The day.
        on: YearDay = YearDay::CHRISTMAS_EVE,
        /// The reason that it is.
        reason: Reason = Reason::SEASONAL,
        /// On which channel; the mix decides if left out.
        channel: Option<Channel> = None,
        /// The name of its template.
        template: Option<String> = None,
    }
}

section! {
    /// How fast what they ask for is answered.
    Answers {
        /// Counted from the day after the request (C4).
        within: Span = Span::open_days(1),
        /// An inquiry is acknowledged by an automatic email, at any hour (C4).
        acknowledge: bool = false,
        /// How soon it is acknowledged, exactly.
        acknowledge_within: Span = Span::minutes(5),
        /// The name of the acknowledgement's template.
        acknowledge_template: Option<String> = None,
    }
}

section! {
    /// What happens around an appointment.
    AppointmentCare {
        /// It is confirmed so long before its day (P6).
        confirm_before: Span = Span::open_days(1),
        /// A missed one is re-booked within this long (P6).
        rebook_within: Span = Span::open_days(1),
        /// How long a good one takes (P5).
        minutes: u32 = 60,
    }
}

section! {
    /// What happens around a proposal.
    ProposalCare {
        /// After a meeting it goes out within this long (P7).
        send_within: Span = Span::open_days(1),
        /// After it was sent it is discussed (P7).
        discuss: Interval = Interval::new(Span::days(3), Span::days(5)),
    }
}

section! {
    /// How inputs are chased.
    Chase {
        /// The interval is the time left until the deadline, divided by this (C17).
        share: u32 = 3,
        /// The shortest interval, in days (C17).
        minimum_days: u32 = 1,
        /// The interval without a deadline, in days (C17).
        without_deadline_days: u32 = 3,
        /// After so many touches past the deadline it slows down …
        patience_touches: u32 = 5,
        /// … to this interval, in days.
        after_patience_days: u32 = 3,
    }
}

section! {
    /// When to stop.
    StopPolicy {
        /// Personal touches without a sign, for small value (S1).
        small: u32 = 3,
        /// Personal touches without a sign, for medium or unknown value (S1).
        medium: u32 = 8,
        /// Unanswered touches after a meeting or proposal (S2) …
        unanswered: u32 = 3,
        /// … and this long a silence (S2).
        silence: Span = Span::days(14),
        /// How long the last message may take to go out (S2).
        window: Span = Span::days(7),
        /// How long to wait after it, exactly, before giving up (S2).
        wait: Span = Span::days(14),
    }
}

section! {
    /// Coming back to those who said later.
    Later {
        /// From their date on, within this long (P9).
        within: Span = Span::open_days(5),
    }
}

section! {
    /// Staying in touch after the decision.
    KeepInTouch {
        /// With those who bought (P12).
        won: bool = false,
        /// With those who said no (P12).
        lost: bool = false,
        /// With those who said later, until they come back (P9).
        later: bool = true,
        /// How long after the last contact.
        after: Span = Span::days(90),
        /// How long it may take.
        window: Span = Span::days(7),
        /// Not when they come back within this long anyway.
        margin: Span = Span::days(30),
    }
}

section! {
    /// Absences and pauses.
    AbsenceCare {
        /// How long an automatic reply without a date stands for (C14).
        auto_reply: Span = Span::days(7),
        /// How long a pause without a date lasts.
        pause: Span = Span::days(30),
    }
}

section! {
    /// Automatic sending.
    SendingCare {
        /// An intent without an outcome for this long, exactly, is unknown.
        outcome_within: Span = Span::minutes(15),
        /// A person resolves an unknown send within this long.
        resolve_within: Span = Span::open_days(1),
    }
}

section! {
    /// Value bands: for each currency at most one bound of each kind.
    Values {
        /// Below this, small.
        small_below: Vec<Money> = Vec::new(),
        /// From this, large.
        large_from: Vec<Money> = Vec::new(),
    }
}

section! {
    /// Head starts in the agenda's order, in days.
    Rank {
        /// Sends to resolve, agreed steps, answers, appointments, re-booking.
        owed_days: u32 = 14,
        /// Confirmations, proposals, chases, last messages.
        soon_days: u32 = 7,
        /// Hot prospects.
        hot_days: u32 = 3,
        /// Warm prospects.
        warm_days: u32 = 1,
        /// Large value.
        large_days: u32 = 3,
        /// Medium or unknown value.
        medium_days: u32 = 1,
    }
}

section! {
    /// When many are due for the first time.
    Batch {
        /// At most so many first contacts of an owner on a day are phoned; more are mailed (C3).
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
    /// One step: each touch of ours after the stage was entered takes the next one.
    Step {
        /// How long after the last contact, or after the stage was entered.
        after: Span = Span::days(7),
        /// Instead, at so many hundredths of the sales cycle after they were taken in, or began anew; passed over where
        /// that lies before the stage was entered (C7).
        cycle_percent: Option<u32> = None,
        /// On the first such day of the year from then on (C8).
        on: Option<YearDay> = None,
        /// Only if this came of our last touch; else the step is passed over.
        when: Option<LastAnswer> = None,
        /// Only for those of this value band; else the step is passed over (S1, C10).
        band: Option<ValueBand> = None,
        /// Only a touch with its purpose takes it; any other leaves it where it is.
        wait_until_done: bool = false,
        /// It is taken again and again, until the stage is left or its answer has come.
        repeat: bool = false,
        /// How long it may take.
        within: Span = Span::days(3),
        /// What it is for.
        purpose: Purpose = Purpose::CHECK_IN,
        /// On which channel; the mix decides if left out.
        channel: Option<Channel> = None,
        /// Which reason it gives; the reasons' list decides if left out.
        reason: Option<Reason> = None,
        /// The name of its template.
        template: Option<String> = None,
        /// Directed to this person alone.
        personal: bool = true,
        /// Sent without a person.
        automatic: bool = false,
    }
}

fn nine_to_five() -> WeekHours {
    let day = DayHours::from_to(9 * 3600, 17 * 3600).expect("nine is before five");
    WeekHours::on(Weekdays::WORKING, day)
}

impl Settings {
    /// The interval between contacts of a temperature (C1).
    pub fn interval(&self, temperature: Temperature) -> &Interval {
        match temperature {
            Temperature::Hot => &self.cadence.hot,
            Temperature::Warm => &self.cadence.warm,
            Temperature::Cool => &self.cadence.cool,
        }
    }

    /// The interval of those who are no prospects (E2, P12), if they have one of their own.
    pub(crate) fn kind_interval(&self, kind: Kind) -> Option<&Interval> {
        match kind {
            Kind::Client => Some(&self.kinds.client),
            Kind::ReferralSource => Some(&self.kinds.referral_source),
            Kind::Prospect | Kind::Stakeholder => None,
        }
    }

    /// The kind of a channel, built in or the playbook's own.
    pub fn channel_kind(&self, channel: Channel) -> ChannelKind {
        self.channel_kinds.get(&channel).copied().unwrap_or_else(|| channel.kind())
    }

    /// Whether a touch with this purpose asks for something (W2, W3).
    pub fn is_ask(&self, purpose: Purpose) -> bool {
        self.asks.contains(&purpose)
    }

    /// The steps of a stage.
    pub fn steps(&self, stage: Stage) -> &[Step] {
        match stage {
            Stage::Interest => &self.steps.interest,
            Stage::Information => &self.steps.information,
            Stage::Appointment => &self.steps.appointment,
            Stage::Proposal => &self.steps.proposal,
            Stage::Decision => &self.steps.decision,
        }
    }

    /// The band of a value; unknown and not comparable is medium.
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
