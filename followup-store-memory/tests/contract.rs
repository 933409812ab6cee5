//! Runs the conformance suite over the store in memory.

use followup_store_memory::MemoryStore;
use followup_store_testkit::{Subject, interleavings, suite};

fn memory() -> Subject {
    Subject::new(MemoryStore::new(), MemoryStore::book)
}

suite!(contract, memory, volatile);

#[test]
fn every_interleaving_of_three_workers_hands_out_and_writes_once() {
    interleavings::every(&memory);
}
