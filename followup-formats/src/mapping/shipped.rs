//! The mappings that ship.

use super::Mapping;

/// Names and texts, by name.
const SHIPPED: &[(&str, &str)] = &[
    ("helpdesk", include_str!("../../mappings/helpdesk.toml")),
    ("hubspot_deals", include_str!("../../mappings/hubspot_deals.toml")),
    ("maven_crm", include_str!("../../mappings/maven_crm.toml")),
    ("olist_closed", include_str!("../../mappings/olist_closed.toml")),
    ("olist_mql", include_str!("../../mappings/olist_mql.toml")),
    ("uci_bank", include_str!("../../mappings/uci_bank.toml")),
    ("uci_incident", include_str!("../../mappings/uci_incident.toml")),
];

impl Mapping {
    /// A mapping that ships, by its name; `None` if there is none of that name.
    ///
    /// ```
    /// use followup_formats::Mapping;
    ///
    /// assert!(Mapping::shipped_names().all(|name| Mapping::shipped(name).is_some()));
    /// assert!(Mapping::shipped("uci_incident").is_some());
    /// ```
    pub fn shipped(name: &str) -> Option<Mapping> {
        let text = Mapping::shipped_text(name)?;
        Some(Mapping::parse(text).expect("the mappings that ship are right, which a test checks"))
    }

    /// The file of a mapping that ships, by its name: a start for one's own.
    pub fn shipped_text(name: &str) -> Option<&'static str> {
        SHIPPED.iter().find(|(shipped, _)| *shipped == name).map(|(_, text)| *text)
    }

    /// The names of the mappings that ship, in alphabetical order.
    pub fn shipped_names() -> impl Iterator<Item = &'static str> {
        SHIPPED.iter().map(|(name, _)| *name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mapping_that_ships_is_right() {
        for name in Mapping::shipped_names() {
            let text = Mapping::shipped_text(name).unwrap();
            if let Err(error) = Mapping::parse(text) {
                panic!("{name}:\n{error}");
            }
        }
        assert!(Mapping::shipped_names().is_sorted());
        assert_eq!(Mapping::shipped("nobody"), None);
    }
}
