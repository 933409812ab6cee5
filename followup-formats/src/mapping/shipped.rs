//! Shipped mappings.

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
    /// Returns the shipped mapping with this name, if it exists.
    ///
    /// ```
    /// use followup_formats::Mapping;
    ///
    /// assert!(Mapping::shipped_names().all(|name| Mapping::shipped(name).is_some()));
    /// assert!(Mapping::shipped("uci_incident").is_some());
    /// ```
    pub fn shipped(name: &str) -> Option<Mapping> {
        let text = Mapping::shipped_text(name)?;
        Some(Mapping::parse(text).expect("a test checks that shipped mappings are valid"))
    }

    /// Returns the text of the shipped mapping with this name, if it exists: a template for other mappings.
    ///
    /// ```
    /// use followup_formats::Mapping;
    ///
    /// let text = Mapping::shipped_text("olist_mql").expect("the mapping ships with the library");
    /// assert_eq!(Some(Mapping::parse(text)?), Mapping::shipped("olist_mql"));
    /// # Ok::<(), followup_formats::MappingError>(())
    /// ```
    pub fn shipped_text(name: &str) -> Option<&'static str> {
        SHIPPED.iter().find(|(shipped, _)| *shipped == name).map(|(_, text)| *text)
    }

    /// Returns the names of the shipped mappings, in alphabetical order.
    pub fn shipped_names() -> impl Iterator<Item = &'static str> {
        SHIPPED.iter().map(|(name, _)| *name)
    }
}

#[cfg(test)]
mod tests {
    use followup_core::Zone;

    use super::*;
    use crate::row::Row;

    /// Returns instant, key and fields of each event, and each reject. The rows are made up.
    fn outline(name: &str, file: &str) -> Vec<String> {
        let mapping = Mapping::shipped(name).unwrap();
        let rows = mapping.reader(file.as_bytes(), Zone::named("Europe/Berlin").unwrap()).unwrap();
        let outline = rows.map(|row| match row.unwrap() {
            Row::Imported { prospect, event, .. } => {
                let fields: Vec<String> = event
                    .to_fields()
                    .into_json()
                    .into_iter()
                    .map(|(name, value)| {
                        format!("{name}={}", value.as_str().map_or(value.to_string(), str::to_owned))
                    })
                    .collect();
                format!(
                    "{prospect} {} {} {}",
                    event.at().format("%Y-%m-%dT%H:%M"),
                    event.key(),
                    fields.join(" ")
                )
            }
            Row::Rejected(reject) => reject.to_string(),
        });
        outline.collect()
    }

    #[test]
    fn every_shipped_mapping_is_valid() {
        for name in Mapping::shipped_names() {
            let text = Mapping::shipped_text(name).unwrap();
            if let Err(error) = Mapping::parse(text) {
                panic!("{name}:\n{error}");
            }
        }
        assert!(Mapping::shipped_names().is_sorted());
        assert_eq!(Mapping::shipped("nobody"), None);
    }

    #[test]
    fn incidents_are_asked_for_answered_and_reopened() {
        let row = |state: &str, at: &str| format!("INC1,{state},28/2/2026 23:10,{at},Self service\n");
        let log = "number,incident_state,opened_at,sys_updated_at,contact_type\n".to_owned()
            + &row("Awaiting User Info", "1/3/2026 09:05")
            + &row("Awaiting User Info", "1/3/2026 10:00")
            + &row("Resolved", "2/3/2026 10:00")
            + &row("Closed", "7/3/2026 10:00")
            + &row("Active", "8/3/2026 10:00");
        let expected = [
            "INC1 2026-02-28T23:10 INC1/1/1-inquired channel=web origin=Self service",
            "INC1 2026-03-01T09:05 INC1/1/4-input_requested input=user info",
            "INC1 2026-03-01T10:00 INC1/2/5-touched channel=phone",
            "INC1 2026-03-02T10:00 INC1/3/3-input_received input=user info",
            "INC1 2026-03-02T10:00 INC1/3/5-touched channel=phone",
            "INC1 2026-03-02T10:00 INC1/3/6-decided outcome=won",
            "INC1 2026-03-07T10:00 INC1/4/5-touched channel=phone",
            "INC1 2026-03-08T10:00 INC1/5/2-replied ",
            "INC1 2026-03-08T10:00 INC1/5/5-touched channel=phone",
        ];
        assert_eq!(outline("uci_incident", &log), expected);
    }

    #[test]
    fn tickets_wait_come_back_and_are_resolved_twice() {
        let log = "CaseID,ActivityID,CompleteTimestamp\n\
            5,8,2026-03-02 09:00:00\n5,9,2026-03-02 10:00:00\n5,6,2026-03-03 10:00:00\n5,6,2026-03-03 10:00:00\n5,8,2026-03-04 10:00:00\n";
        let expected = [
            "5 2026-03-02T09:00 5/1/1-inquired channel=web",
            "5 2026-03-02T09:00 5/1/5-touched channel=web",
            "5 2026-03-02T10:00 5/2/4-input_requested input=answer",
            "5 2026-03-03T10:00 5/3/3-input_received input=answer",
            "5 2026-03-03T10:00 5/3/5-touched channel=web",
            "5 2026-03-03T10:00 5/3/6-decided outcome=won",
            "5 2026-03-03T10:00 5/4/5-touched channel=web",
            "5 2026-03-03T10:00 5/4/6-decided outcome=won",
            "5 2026-03-04T10:00 5/5/2-replied ",
            "5 2026-03-04T10:00 5/5/5-touched channel=web",
        ];
        assert_eq!(outline("helpdesk", log), expected);
    }

    #[test]
    fn tables_with_one_row_per_prospect_are_read() {
        let bank = "row,year,contact,day,month,duration,campaign,pdays,previous,poutcome,y\n\
            2,2009,cellular,5,may,76,3,-1,0,unknown,yes\n3,2009,telephone,31,feb,1,1,-1,0,unknown,no\n\
            4,2009,unknown,6,may,1,1,-1,0,unknown,no\n5,2009,unknown,6,may,1,0,-1,0,unknown,no\n";
        let found = outline("uci_bank", bank);
        let expected = [
            "2 2009-05-05T00:00 2/1/1-touched/0001 channel=cellular",
            "2 2009-05-05T00:00 2/1/1-touched/0002 channel=cellular",
            "2 2009-05-05T00:00 2/1/2-touched campaign=3 channel=cellular duration=76 pdays=-1 poutcome=unknown previous=0",
            "2 2009-05-05T00:00 2/1/3-decided outcome=won",
            "line 3, day: invalid time \"31 feb 2009\"; expected the format \"%d %b %Y\"",
            "4 2009-05-06T00:00 4/1/2-touched campaign=1 channel=phone duration=1 pdays=-1 poutcome=unknown previous=0",
            "line 5, campaign: invalid number of events \"0\"; expected a whole number from 1 to 1000",
        ];
        assert_eq!(found, expected);

        let leads = "mql_id,first_contact_date,landing_page_id,origin\na,22-03-2018,p,social\nb,22-03-2018,p,unknown\n";
        let expected = [
            "a 2018-03-22T00:00 1-mql/1/1-inquired channel=social landing_page_id=p origin=social",
            "b 2018-03-22T00:00 1-mql/1/1-inquired landing_page_id=p origin=unknown",
        ];
        assert_eq!(outline("olist_mql", leads), expected);
        let deals = "mql_id,seller_id,sdr_id,sr_id,won_date,business_segment,lead_type,lead_behaviour_profile\na,s,d,r,26-03-2018 19:58,pet,,cat\n";
        let expected = "a 2018-03-26T19:58 2-closed/1/1-decided business_segment=pet lead_behaviour_profile=cat outcome=won sdr_id=d sr_id=r";
        assert_eq!(outline("olist_closed", deals), [expected]);

        let pipeline = "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n\
            A,Ada,Loom,,Won,2017-01-02,2017-02-03,450\nB,Ada,Loom,Mills,Prospecting,,,\n";
        let expected = [
            "A 2017-01-02T00:00 A/1/1-added kind=prospect owner=Ada product=Loom",
            "A 2017-01-02T00:00 A/1/2-inquired ",
            "A 2017-01-02T00:00 A/1/3-touched channel=phone",
            "A 2017-02-03T00:00 A/1/4-valued amount=450 currency=USD",
            "A 2017-02-03T00:00 A/1/5-decided outcome=won",
            "line 3, engage_date: the cell is empty; expected the time of the event",
        ];
        assert_eq!(outline("maven_crm", pipeline), expected);
    }

    #[test]
    fn deals_of_hubspot_are_read_with_the_columns_that_were_exported() {
        let deals = "Record ID,Deal Name,Deal Stage,Amount,Deal owner,Create Date,Close Date\n\
            7,Looms,Closed Won,\"12,000.50\",Ada,2026-03-02 09:15,2026-04-01 10:00\n8,Mills,Contract Sent,,,2026-01-02 09:15,\n\
            9,Yarn,closedlost,,,2026-01-02 09:15,\n";
        let expected = [
            "hubspot-deal-7 2026-03-02T08:15 hubspot-deal-7/1-added kind=prospect name=Looms owner=Ada",
            "hubspot-deal-7 2026-03-02T08:15 hubspot-deal-7/12,000.50/2-valued amount=12000.5 currency=USD",
            "hubspot-deal-7 2026-04-01T08:00 hubspot-deal-7/3-decided outcome=won",
            "hubspot-deal-8 2026-01-02T08:15 hubspot-deal-8/1-added kind=prospect name=Mills",
            "line 4, Close Date: the cell is empty; expected the time of the event",
        ];
        assert_eq!(
            outline("hubspot_deals", deals)
                .iter()
                .map(|line| line.replace("12000.50", "12000.5"))
                .collect::<Vec<_>>(),
            expected
        );
        let least = "Record ID,Deal Name,Deal Stage,Create Date\n8,Mills,Contract Sent,2026-01-02\n";
        assert_eq!(
            outline("hubspot_deals", least),
            ["hubspot-deal-8 2026-01-01T23:00 hubspot-deal-8/1-added kind=prospect name=Mills"]
        );
    }
}
