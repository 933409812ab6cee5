//! Failures and their HTTP responses.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use followup::DeskError;
use followup::store::StoreErrorKind;
use rusqlite::ErrorCode;
use serde_json::json;

/// The reason why a request failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The desk refused, or its store failed.
    Desk(DeskError),
    /// An access to our own tables failed.
    Own(rusqlite::Error),
    /// The request is invalid.
    Wrong(String),
    /// Too many concurrent writers.
    Busy,
    /// The worker thread ended before the request was done.
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
    /// Returns the message for our log. It contains neither names nor addresses.
    fn inside(&self) -> String {
        match self {
            Failure::Desk(error) => error.to_string(),
            Failure::Own(error) => error.to_string(),
            Failure::Wrong(why) => why.clone(),
            Failure::Busy => "too many concurrent writers".to_owned(),
            Failure::Ended => "the worker thread has ended".to_owned(),
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
            _ if status == StatusCode::SERVICE_UNAVAILABLE => "the database is busy; try again".to_owned(),
            Failure::Desk(error) if status.is_client_error() => error.to_string(),
            // Internal details go to the log, not to the client.
            _ => {
                eprintln!("cannot answer the request: {}", self.inside());
                "internal error; the details are in the server log".to_owned()
            }
        };
        let rules: Vec<_> = match &self {
            Failure::Desk(DeskError::Refused { findings, .. }) => {
                findings.iter().filter(|finding| finding.is_refusal()).map(|finding| finding.rule).collect()
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
