//! Does the embedded service keep its own rows and the events together, and report failures over HTTP?
#![cfg(unix)]

mod common;

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Barrier;
use std::thread;

use common::program;
use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A running service on a free port, with an empty file.
struct Running {
    child: Child,
    output: BufReader<ChildStdout>,
    url: String,
    agent: ureq::Agent,
    folder: TempDir,
}

impl Running {
    fn start() -> Running {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let mut program = program("embed_axum");
        program.arg(folder.path().join("leads.db")).arg("127.0.0.1:0").stdout(Stdio::piped());
        let mut child = program.spawn().expect("the program is built and starts");
        let mut output = BufReader::new(child.stdout.take().expect("it is a pipe"));
        let mut line = String::new();
        output.read_line(&mut line).expect("it says where it listens");
        let url = line.trim_end().strip_prefix("listening on ").expect("it listens").to_owned();
        let config = ureq::Agent::config_builder().http_status_as_error(false).build();
        Running { child, output, url, agent: config.into(), folder }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("leads.db")
    }

    fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let sent = self.agent.post(format!("{}{path}", self.url)).send_json(body);
        read(sent.expect("it answers"))
    }

    fn get(&self, path: &str) -> (u16, Value) {
        read(self.agent.get(format!("{}{path}", self.url)).call().expect("it answers"))
    }

    /// Asks the service to stop, and waits. Returns its last output.
    fn stop(mut self) -> String {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status().expect("it can be asked");
        assert!(asked.success());
        let mut last = String::new();
        self.output.read_to_string(&mut last).expect("it ends");
        assert!(self.child.wait().expect("it ends").success());
        last
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A failed test must not leave it running; a stopped service is already gone.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(mut response: ureq::http::Response<ureq::Body>) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.body_mut().read_to_string().expect("it sends all of it");
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

fn rows(file: &Path, sql: &str) -> Vec<String> {
    let connection = Connection::open(file).expect("it opens");
    let mut statement = connection.prepare(sql).expect("the tables are there");
    let rows = statement.query_map([], |row| row.get(0)).expect("it can be read");
    rows.collect::<Result<_, _>>().expect("they are texts")
}

fn ada() -> Value {
    json!({ "id": "l-1", "name": "Ada", "email": "ada@example.org", "owner": "kim", "source": "form", "channel": "email", "message": "call me" })
}

const KEYS: &str = "SELECT key FROM followup_record ORDER BY key";

#[test]
fn a_lead_is_followed_up_to_the_end() {
    let running = Running::start();
    assert_eq!(running.get("/healthz"), (200, json!({ "well": true })));
    let (status, taken) = running.post("/leads", &ada());
    assert_eq!((status, &taken["lead"], &taken["repeated"]), (201, &json!("l-1"), &json!(false)));
    assert!(taken["next"].as_str().is_some_and(|next| next.starts_with("discover by email")), "{taken}");

    let (_, agenda) = running.get("/agenda?owner=kim&days=30");
    assert_eq!((&agenda[0]["lead"], &agenda[0]["name"]), (&json!("l-1"), &json!("Ada")));
    assert_eq!(running.get("/agenda?owner=jo&days=30"), (200, json!([])));

    let (status, plan) = running.get("/leads/l-1/plan");
    assert_eq!((status, &plan["next"]), (200, &taken["next"]));
    assert!(plan["why"].as_str().is_some_and(|why| why.contains("because")), "{plan}");
    let rules = plan["because"].as_array().expect("a list").iter().map(|because| &because["rule"]);
    assert!(rules.into_iter().any(|rule| rule == "C4"), "{plan}");

    let touched =
        json!({ "event": "touched", "channel": "phone", "key": "call-7", "note": "left a message" });
    assert_eq!(running.post("/leads/l-1/events", &touched).0, 200);
    let file = running.file();
    assert_eq!(rows(&file, KEYS), ["added", "call-7", "inquired"]);
    assert_eq!(rows(&file, "SELECT note FROM activity ORDER BY key"), ["left a message", "call me"]);
    assert_eq!(running.stop(), "stopped\n");
    assert!(!file.with_extension("db-wal").exists(), "it closed its file");
}

#[test]
fn each_error_has_its_own_status() {
    let running = Running::start();
    assert_eq!(running.post("/leads", &ada()).0, 201);
    let (status, refused) =
        running.post("/leads/l-1/events", &json!({ "event": "proposal_sent", "note": "no" }));
    assert_eq!((status, &refused["rules"]), (409, &json!(["P2"])), "{refused}");
    assert_eq!(running.get("/leads/nobody/plan").0, 404);
    assert_eq!(running.post("/leads/nobody/events", &json!({ "event": "replied" })).0, 404);
    assert_eq!(running.post("/leads/l-1/events", &json!({ "event": "danced" })).0, 422);
    assert_eq!(running.post("/leads/l-1/events", &json!({ "event": "replied", "mood": "good" })).0, 422);
    assert_eq!(running.post("/leads", &json!({ "id": "" })).0, 422);
    let mut other = ada();
    other["name"] = json!("Eve");
    let (status, conflict) = running.post("/leads", &other);
    assert_eq!((status, &conflict["rules"]), (409, &json!([])), "{conflict}");
    // Nothing was written for the refused requests, neither events nor our own rows.
    assert_eq!(rows(&running.file(), KEYS), ["added", "inquired"]);
    assert_eq!(rows(&running.file(), "SELECT key FROM activity"), ["inquired"]);
}

#[test]
fn a_locked_file_is_answered_with_retry_after() {
    let running = Running::start();
    assert_eq!(running.post("/leads", &ada()).0, 201);
    let other = Connection::open(running.file()).expect("it opens");
    other.execute_batch("BEGIN IMMEDIATE").expect("nobody else writes");
    let told = json!({ "event": "replied", "key": "r" });
    let sent = running.agent.post(format!("{}/leads/l-1/events", running.url)).send_json(&told);
    let sent = sent.expect("it answers");
    assert_eq!((sent.status().as_u16(), sent.headers()["retry-after"].as_bytes()), (503, &b"1"[..]));
    assert_eq!(running.get("/leads/l-1/plan").0, 200, "reading is still possible");
    other.execute_batch("ROLLBACK").expect("it has begun");
    assert_eq!(running.post("/leads/l-1/events", &told).0, 200);
}

#[test]
fn a_lead_that_is_sent_concurrently_is_added_once() {
    const SENDERS: usize = 8;
    let running = Running::start();
    let together = Barrier::new(SENDERS);
    let send = |path: &str, body: &Value| -> Vec<(u16, Value)> {
        thread::scope(|scope| {
            let senders: Vec<_> = (0..SENDERS)
                .map(|_| {
                    scope.spawn(|| {
                        together.wait();
                        running.post(path, body)
                    })
                })
                .collect();
            senders.into_iter().map(|sender| sender.join().expect("nothing panics there")).collect()
        })
    };
    let answers = send("/leads", &ada());
    assert!(answers.iter().all(|(status, _)| matches!(status, 200 | 201)), "{answers:?}");
    assert_eq!(answers.iter().filter(|(status, _)| *status == 201).count(), 1, "{answers:?}");
    assert_eq!(rows(&running.file(), "SELECT id FROM lead"), ["l-1"]);
    assert_eq!(rows(&running.file(), KEYS), ["added", "inquired"]);

    // Different events of one lead conflict, and all of them are written.
    let answers: Vec<_> = thread::scope(|scope| {
        let senders: Vec<_> = (0..SENDERS)
            .map(|n| {
                let (running, together) = (&running, &together);
                scope.spawn(move || {
                    together.wait();
                    running.post("/leads/l-1/events", &json!({ "event": "replied", "key": format!("r{n}") }))
                })
            })
            .collect();
        senders.into_iter().map(|sender| sender.join().expect("nothing panics there").0).collect()
    });
    assert_eq!(answers, [200; SENDERS]);
    assert_eq!(rows(&running.file(), KEYS).len(), 2 + SENDERS);
    assert_eq!(rows(&running.file(), "SELECT key FROM activity").len(), 1 + SENDERS);
}
