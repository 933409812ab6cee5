//! A dispatcher that never fails.

use std::sync::Mutex;

use async_trait::async_trait;
use followup::send::{Delivery, Dispatcher, Message};

/// Reports every message as sent, and keeps its action.
#[derive(Debug, Default)]
pub struct Carrier(Mutex<Vec<String>>);

impl Carrier {
    /// The actions that were sent, in order.
    pub fn sent(&self) -> Vec<String> {
        self.0.lock().expect("nothing panics under the lock").clone()
    }
}

#[async_trait]
impl Dispatcher for Carrier {
    async fn send(&self, message: &Message) -> Delivery {
        self.0.lock().expect("nothing panics under the lock").push(message.action().to_string());
        Delivery::Sent { message_id: Some("m-1".to_owned()) }
    }
}
