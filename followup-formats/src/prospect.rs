//! The ids of prospects, as imports take them.

/// The longest id of a prospect, in bytes of UTF-8.
const PROSPECT_MAX_BYTES: usize = 64;

/// Why a text is no id of a prospect.
pub(crate) fn check(id: &str) -> Result<(), String> {
    if id.is_empty() {
        return Err("the prospect's id is empty".to_owned());
    }
    if id.len() > PROSPECT_MAX_BYTES {
        return Err(format!(
            "the prospect's id has {} bytes, but takes at most {PROSPECT_MAX_BYTES}",
            id.len()
        ));
    }
    if id.chars().any(char::is_control) {
        return Err("the prospect's id holds a control character, such as a line break or a tab".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_1_to_64_bytes_and_no_control_characters() {
        for id in ["7", "INC0000047", "Åsa–Ω", &"x".repeat(64)] {
            assert_eq!(check(id), Ok(()));
        }
        for id in ["", "a\tb", "a\u{85}b", &"x".repeat(65), &"é".repeat(33)] {
            assert!(check(id).is_err(), "{id:?}");
        }
    }
}
