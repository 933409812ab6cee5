//! The endpoints.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use followup::agenda::AgendaItem;
use followup::desk::Receipt;
use serde_json::{Map, Value, json};

use crate::failure::Failure;
use crate::service::{NewLead, Service};

/// The state shared by all endpoints.
#[derive(Clone)]
struct Office {
    service: Arc<Service>,
    now: fn() -> DateTime<Utc>,
}

type Answer<T = Json<Value>> = Result<T, Failure>;

pub(crate) fn router(service: Arc<Service>, now: fn() -> DateTime<Utc>) -> Router {
    Router::new()
        .route("/healthz", get(is_well))
        .route("/leads", post(take_in))
        .route("/leads/{id}/events", post(record))
        .route("/leads/{id}/plan", get(plan))
        .route("/agenda", get(agenda))
        .with_state(Office { service, now })
}

impl Office {
    /// Runs a blocking action on a thread where blocking is allowed. It runs to completion even if the client has
    /// disconnected: the data is written, and sending it again changes nothing.
    async fn run<T: Send + 'static>(
        self,
        act: impl FnOnce(&Service, DateTime<Utc>) -> Answer<T> + Send + 'static,
    ) -> Answer<T> {
        let done = tokio::task::spawn_blocking(move || act(&self.service, (self.now)())).await;
        done.unwrap_or(Err(Failure::Ended))
    }
}

async fn is_well(State(office): State<Office>) -> Answer {
    office.run(|service, _| service.is_well()).await?;
    Ok(Json(json!({ "well": true })))
}

async fn take_in(
    State(office): State<Office>,
    Json(new): Json<NewLead>,
) -> Answer<(StatusCode, Json<Value>)> {
    let receipt = office.run(|service, now| service.take_in(new, now)).await?;
    let status = if receipt.repeated { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(receipt_json(&receipt))))
}

async fn record(
    State(office): State<Office>,
    Path(id): Path<String>,
    Json(told): Json<Map<String, Value>>,
) -> Answer {
    let receipt = office.run(move |service, now| service.record(&id, told, now)).await?;
    Ok(Json(receipt_json(&receipt)))
}

async fn plan(State(office): State<Office>, Path(id): Path<String>) -> Answer {
    let view = office.run(move |service, now| service.plan(&id, now)).await?;
    Ok(Json(json!({
        "lead": view.prospect.as_str(),
        "next": view.plan.to_string(),
        "why": view.plan.why().to_string(),
        "because": view.plan.because,
    })))
}

#[derive(serde::Deserialize)]
struct Wanted {
    owner: Option<String>,
    #[serde(default = "a_week")]
    days: u32,
}

fn a_week() -> u32 {
    7
}

async fn agenda(State(office): State<Office>, Query(wanted): Query<Wanted>) -> Answer {
    let Wanted { owner, days } = wanted;
    let items = office.run(move |service, now| service.agenda(owner.as_deref(), days, now)).await?;
    Ok(Json(items.iter().map(item_json).collect()))
}

fn receipt_json(receipt: &Receipt) -> Value {
    json!({
        "lead": receipt.prospect.as_str(),
        "key": receipt.key,
        "repeated": receipt.repeated,
        "next": receipt.plan.to_string(),
    })
}

fn item_json(item: &AgendaItem) -> Value {
    json!({
        "lead": item.prospect.as_str(),
        "name": item.name,
        "owner": item.owner,
        "purpose": item.action.purpose.as_str(),
        "channel": item.action.channel.map(|channel| channel.to_string()),
        "earliest": item.action.window.earliest,
        "latest": item.action.window.latest,
        "state": item.state.as_str(),
    })
}
