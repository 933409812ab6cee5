//! How does a service embed followup? `cargo run --example embed_axum -- leads.db 127.0.0.1:8080`
//!
//! Leads arrive over HTTP. The service has its own tables in the same SQLite file, and writes each row together with
//! the event that it represents.

mod api;
mod failure;
mod service;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use service::Service;
use tokio::net::TcpListener;

/// Returns the current time. This is the only place that reads a clock.
fn now() -> DateTime<Utc> {
    Utc::now()
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [path, address] = arguments.as_slice() else {
        anyhow::bail!("expected a database file and an address")
    };
    let service = Arc::new(Service::open(path)?);
    let listener = TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    // Requests in progress are answered. Dropping the last handle to the store then closes the file.
    axum::serve(listener, api::router(service, now)).with_graceful_shutdown(told_to_stop()).await?;
    println!("stopped");
    Ok(())
}

/// Completes on Ctrl-C, or when the system asks the service to stop.
async fn told_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut asked) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = asked.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    // A service that cannot receive the signal runs until it is killed, which does not lose data.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
