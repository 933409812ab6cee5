//! Rows: a file is read to its end, as events or through a mapping chosen by the first byte.
#![no_main]

use followup_core::Zone;
use followup_formats::{Mapping, read_events};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, file)) = bytes.split_first() else { return };
    let names: Vec<&str> = Mapping::shipped_names().collect();
    let name = names.get(usize::from(*choice) % (names.len() + 1));
    let mapping = name.and_then(|name| Mapping::shipped(name));
    if let Ok(rows) = read_events(file, mapping.as_ref(), Zone::utc()) {
        rows.map_while(Result::ok).for_each(drop);
    }
});
