//! A headless browser, controlled through a pipe with the DevTools protocol.
//!
//! The crates that drive Chromium bring an async runtime and a WebSocket client; a pipe needs neither for the few
//! commands that the check of the page uses.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// A script that finds text that is clipped, overlaps other text, or extends beyond the page.
const CHECK: &str = include_str!("check.js");
/// Maximum time to wait for a message of the browser.
const PATIENCE: Duration = Duration::from_secs(120);
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// A browser with one page.
pub(super) struct Browser {
    process: Child,
    orders: ChildStdin,
    messages: Receiver<Value>,
    session: Option<String>,
    last_order: u64,
    /// The URLs requested since the page was opened.
    requests: Vec<String>,
    /// The log and console messages since then.
    complaints: Vec<String>,
    has_loaded: bool,
}

/// The media, color scheme and width in which a page is shown.
#[derive(Clone, Copy)]
pub(super) struct View {
    /// `screen` or `print`.
    pub(super) media: &'static str,
    /// `light` or `dark`.
    pub(super) scheme: &'static str,
    pub(super) width: u32,
}

impl Browser {
    /// Starts the browser. Its own output goes to `browser.log` in the folder.
    pub(super) fn start(folder: &Path) -> Result<Browser> {
        let name = NAMES.into_iter().find(|name| is_there(name));
        let name = name.context("Chromium is missing: install it (on Debian: apt-get install chromium)")?;
        // The browser reads commands from descriptor 3 and answers on descriptor 4.
        let mut command = Command::new("sh");
        command.args(["-c", r#"exec "$0" "$@" 3<&0 4>&1 </dev/null >&2"#, name]);
        command.args(["--headless=new", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu"]);
        // The pages are our own and contain no scripts, and the sandbox may not be available in a container.
        command.args([
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--enable-logging=stderr",
        ]);
        // All network requests fail, so a page that needs the network looks broken.
        command.args(["--proxy-server=127.0.0.1:1", "--host-resolver-rules=MAP * ~NOTFOUND"]);
        command.args(["--disable-background-networking", "--disable-component-update", "--disable-sync"]);
        command.arg(format!("--user-data-dir={}", folder.join("browser").display()));
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(folder.join("browser.log"))?);
        let mut process = command.spawn().with_context(|| format!("cannot start {name}"))?;
        let orders = process.stdin.take().context("the browser has no standard input")?;
        let answers = process.stdout.take().context("the browser has no standard output")?;
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            for message in BufReader::new(answers).split(0) {
                let Ok(message) = message else { return };
                if serde_json::from_slice(&message).is_ok_and(|message: Value| sender.send(message).is_err())
                {
                    return;
                }
            }
        });
        let mut browser = Browser {
            process,
            orders,
            messages,
            session: None,
            last_order: 0,
            requests: Vec::new(),
            complaints: Vec::new(),
            has_loaded: false,
        };
        let target = browser.order("Target.createTarget", json!({ "url": "about:blank" }))?;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = browser.order("Target.attachToTarget", attach)?;
        browser.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Network", "Log", "Runtime"] {
            browser.order(&format!("{domain}.enable"), json!({}))?;
        }
        Ok(browser)
    }

    /// Opens a page and returns its problems.
    pub(super) fn open(&mut self, file: &Path, view: View) -> Result<Vec<String>> {
        let View { media, scheme, width } = view;
        let size = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.order("Emulation.setDeviceMetricsOverride", size)?;
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.order("Emulation.setEmulatedMedia", json!({ "media": media, "features": features }))?;
        self.requests.clear();
        self.complaints.clear();
        self.has_loaded = false;
        let url = format!("file://{}", file.display());
        let answer = self.order("Page.navigate", json!({ "url": url }))?;
        ensure!(answer["errorText"].is_null(), "cannot open the page: {}", answer["errorText"]);
        while !self.has_loaded {
            self.hear()?;
        }
        let mut problems = self.check()?;
        // The tables behind the charts must fit, too.
        let opened = "document.querySelectorAll('details').forEach(each => { each.open = true })";
        self.order("Runtime.evaluate", json!({ "expression": opened }))?;
        problems.extend(self.check()?);
        problems.dedup();
        let beyond = self.requests.iter().filter(|asked| **asked != url && !asked.starts_with("data:"));
        problems.extend(beyond.map(|asked| format!("the page requests {asked}")));
        problems.append(&mut self.complaints);
        if media == "screen" {
            let closed = "document.querySelectorAll('details').forEach(each => { each.open = false })";
            self.order("Runtime.evaluate", json!({ "expression": closed }))?;
        }
        Ok(problems)
    }

    fn check(&mut self) -> Result<Vec<String>> {
        let checked =
            self.order("Runtime.evaluate", json!({ "expression": CHECK, "returnByValue": true }))?;
        let found = checked["result"]["value"].as_array();
        let found = found.with_context(|| format!("the check of the page failed: {checked}"))?;
        Ok(found.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    }

    /// Takes a screenshot of the whole page as PNG.
    pub(super) fn picture(&mut self) -> Result<Vec<u8>> {
        let options = json!({ "format": "png", "captureBeyondViewport": true });
        let picture = self.order("Page.captureScreenshot", options)?;
        bytes(&picture["data"])
    }

    /// Prints the page to PDF.
    pub(super) fn paper(&mut self) -> Result<Vec<u8>> {
        let a4 = json!({ "paperWidth": 8.27, "paperHeight": 11.69, "printBackground": false });
        let paper = self.order("Page.printToPDF", a4)?;
        bytes(&paper["data"])
    }

    /// Sends a command and waits for its result.
    fn order(&mut self, method: &str, parameters: Value) -> Result<Value> {
        self.last_order += 1;
        let mut order = json!({ "id": self.last_order, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            order["sessionId"] = session.as_str().into();
        }
        let mut line = order.to_string().into_bytes();
        line.push(0);
        self.orders.write_all(&line).context("the browser has exited; see target/page/browser.log")?;
        loop {
            let message = self.hear()?;
            if message["id"] == self.last_order {
                ensure!(message["error"].is_null(), "the browser rejected {method}: {}", message["error"]);
                return Ok(message["result"].clone());
            }
        }
    }

    /// Receives the next message and records loads, requests and log entries.
    fn hear(&mut self) -> Result<Value> {
        let Ok(message) = self.messages.recv_timeout(PATIENCE) else {
            bail!("the browser does not answer; see target/page/browser.log");
        };
        let says = &message["params"];
        match message["method"].as_str() {
            Some("Page.loadEventFired") => self.has_loaded = true,
            Some("Network.requestWillBeSent") => {
                self.requests.extend(says["request"]["url"].as_str().map(str::to_owned));
            }
            Some("Log.entryAdded") => self.complaints.push(format!("browser log: {}", says["entry"]["text"])),
            Some("Runtime.consoleAPICalled" | "Runtime.exceptionThrown") => {
                self.complaints.push(format!("console: {says}"));
            }
            _ => {}
        }
        Ok(message)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The process is our own and may have exited already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn is_there(name: &str) -> bool {
    let mut command = Command::new(name);
    command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn bytes(data: &Value) -> Result<Vec<u8>> {
    Ok(STANDARD.decode(data.as_str().context("the browser returned no data")?)?)
}
