//! Events: an accepted event round-trips through JSON and can be folded and planned.
#![no_main]

use followup_core::{Event, Playbook, ProspectState, Zone, plan};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    let Ok(Value::Object(object)) = serde_json::from_slice(bytes) else { return };
    let Ok((_, event)) = Event::from_json(object, Zone::utc()) else { return };
    let (_, again) = Event::from_json(event.to_json("p"), Zone::utc()).expect("a written event reads back");
    assert_eq!(again, event);
    if let Ok(state) = ProspectState::replay([event]) {
        let _ = plan(&state, &Playbook::default());
    }
});
