//! Does the store in memory do what the contract says?

use followup_store_memory::MemoryStore;
use followup_store_testkit::{Subject, suite};

fn memory() -> Subject {
    Subject::new(MemoryStore::new(), MemoryStore::book)
}

suite!(contract, memory, volatile);
