//! The JSON fields that agenda lines and views share.

use followup_core::money::Money;
use followup_core::prospect::ProspectId;
use followup_core::state::LastContact;
use serde::Serialize;

/// The prospect of a line, as JSON fields.
#[derive(Serialize)]
pub(crate) struct ProspectFields<'a> {
    pub(crate) prospect: &'a ProspectId,
    pub(crate) name: &'a str,
    pub(crate) owner: Option<&'a str>,
    pub(crate) value: Option<Money>,
    pub(crate) last_contact: Option<LastContact>,
    pub(crate) last_note: Option<&'a str>,
    pub(crate) owner_away: bool,
}
