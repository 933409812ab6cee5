//! How does a service embed followup? `cargo run --example embed_axum -- leads.db 127.0.0.1:8080`
//!
//! Leads come in over HTTP. The service has tables of its own in the same SQLite file, and writes each of its rows
//! together with the event that it stands for.

mod api;
mod failure;
mod service;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use service::Service;
use tokio::net::TcpListener;

/// The only place that looks at a clock: everything behind it is told what time it is.
fn now() -> DateTime<Utc> {
    Utc::now()
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [path, address] = arguments.as_slice() else { anyhow::bail!("give a database file and an address") };
    let service = Arc::new(Service::open(path)?);
    let listener = TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    // Requests that have begun are answered. The last handle on the store then closes the file.
    axum::serve(listener, api::router(service, now)).with_graceful_shutdown(told_to_stop()).await?;
    println!("stopped");
    Ok(())
}

/// Ends when somebody presses Ctrl-C, or the system asks the service to stop.
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
    // A service that cannot hear the signal runs until it is killed, which loses nothing either.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
