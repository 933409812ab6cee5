//! What goes wrong, and what HTTP says to it.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use followup_core::{DeskError, Finding, StoreErrorKind};
use rusqlite::ErrorCode;
use serde_json::json;

/// Why a request was not done.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The desk refused, or its store failed.
    Desk(DeskError),
    /// Our own tables failed.
    Own(rusqlite::Error),
    /// The request makes no sense.
    Wrong(String),
    /// Too many others were faster.
    Busy,
    /// The thread that did it ended.
    Ended,
}

impl From<DeskError> for Failure {
    fn from(error: DeskError) -> Failure {
        Failure::Desk(error)
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Failure {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Failure::Busy,
            _ => Failure::Own(error),
        }
    }
}

impl Failure {
    /// What our log says: neither names nor addresses stand in these.
    fn inside(&self) -> String {
        match self {
            Failure::Desk(error) => error.to_string(),
            Failure::Own(error) => error.to_string(),
            Failure::Wrong(why) => why.clone(),
            Failure::Busy => "too many others were faster".to_owned(),
            Failure::Ended => "the thread that did it has ended".to_owned(),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Failure::Wrong(_) | Failure::Desk(DeskError::Id(_)) => StatusCode::UNPROCESSABLE_ENTITY,
            Failure::Desk(DeskError::UnknownProspect(_)) => StatusCode::NOT_FOUND,
            Failure::Desk(
                DeskError::Refused { .. }
                | DeskError::Exists(_)
                | DeskError::KeyConflict { .. }
                | DeskError::NeverOpens(_),
            ) => StatusCode::CONFLICT,
            Failure::Desk(DeskError::Store(error))
                if error.is_retryable() || error.kind() == StoreErrorKind::Unknown =>
            {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Failure::Busy => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = self.status();
        let error = match &self {
            Failure::Wrong(why) => why.clone(),
            _ if status == StatusCode::SERVICE_UNAVAILABLE => "others are writing; send it again".to_owned(),
            Failure::Desk(error) if status.is_client_error() => error.to_string(),
            // Those outside are not told what is inside.
            _ => {
                eprintln!("cannot answer: {}", self.inside());
                "this is our mistake, and it is in our log".to_owned()
            }
        };
        let rules: Vec<_> = match &self {
            Failure::Desk(DeskError::Refused { findings, .. }) => {
                findings.iter().filter(|finding| finding.is_refusal()).map(rule_id).collect()
            }
            _ => Vec::new(),
        };
        let mut response = (status, Json(json!({ "error": error, "rules": rules }))).into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("1"));
        }
        response
    }
}

fn rule_id(finding: &Finding) -> &'static str {
    finding.rule.id()
}
