//! Sending of due automatic messages, at most once.
//!
//! Implement [`Dispatcher`] and call [`Desk::tick`](crate::Desk::tick) in a loop, and [`Desk::wake`](crate::Desk::wake)
//! regularly. At most one message is begun for an action, even if many workers do this.
//!
//! # Examples
//! ```
//! use followup::memory::MemoryStore;
//! use followup::send::{Delivery, Dispatcher, Message, TickLimits, TickOutcome};
//! use followup::{Desk, Event, Playbook, Prospect, async_trait};
//!
//! struct Printer;
//!
//! #[async_trait]
//! impl Dispatcher for Printer {
//!     async fn send(&self, message: &Message) -> Delivery {
//!         println!("to {:?}: template {:?}", message.to, message.template);
//!         Delivery::Sent { message_id: None }
//!     }
//! }
//!
//! # followup::block_on(async {
//! let t = "2026-03-06T14:00:00Z".parse()?;
//! let playbook = Playbook::parse("[answers]\nacknowledge = true\nacknowledge_template = \"thanks\"\n")?;
//! let desk = Desk::new(MemoryStore::new(), playbook);
//! desk.add(Prospect::new("p-17")?.email("ada@example.org")?, t).await?;
//! desk.record("p-17", Event::inquired(t, None)).await?;
//! let ticked = desk.tick(t, &Printer, TickLimits::default()).await?;
//! assert!(matches!(ticked[0].outcome, TickOutcome::Sent));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```

mod dispatch;
mod tick;

pub use dispatch::{Delivery, Dispatcher, Message};
pub use tick::{TickLimits, TickOutcome, Ticked};
