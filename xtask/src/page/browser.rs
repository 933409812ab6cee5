//! A browser without a window, told what to do through a pipe in the DevTools protocol.

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

/// What finds text that is clipped, overlaps, or reaches beyond the page.
const CHECK: &str = include_str!("check.js");
/// How long the browser may be silent.
const PATIENCE: Duration = Duration::from_secs(120);
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// A browser with one page.
pub(super) struct Browser {
    process: Child,
    orders: ChildStdin,
    messages: Receiver<Value>,
    session: Option<String>,
    last_order: u64,
    /// What it asked for since the page was opened.
    requests: Vec<String>,
    /// What it had to say since then.
    complaints: Vec<String>,
    has_loaded: bool,
}

/// How a page is looked at.
#[derive(Clone, Copy)]
pub(super) struct View {
    /// `screen` or `print`.
    pub(super) media: &'static str,
    /// `light` or `dark`.
    pub(super) scheme: &'static str,
    pub(super) width: u32,
}

impl Browser {
    /// Starts it; what it writes on its own goes to a file in the folder.
    pub(super) fn start(folder: &Path) -> Result<Browser> {
        let name = NAMES.into_iter().find(|name| is_there(name));
        let name = name.context("there is no Chromium: install it (on Debian: apt-get install chromium)")?;
        // It reads orders from descriptor 3 and answers on descriptor 4.
        let mut command = Command::new("sh");
        command.args(["-c", r#"exec "$0" "$@" 3<&0 4>&1 </dev/null >&2"#, name]);
        command.args(["--headless=new", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu"]);
        // The pages are our own, hold no script, and whoever runs this in a container may have no other way.
        command.args([
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--enable-logging=stderr",
        ]);
        // Whatever it would ask the network for fails, so that a page that needs it looks broken.
        command.args(["--proxy-server=127.0.0.1:1", "--host-resolver-rules=MAP * ~NOTFOUND"]);
        command.args(["--disable-background-networking", "--disable-component-update", "--disable-sync"]);
        command.arg(format!("--user-data-dir={}", folder.join("browser").display()));
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(folder.join("browser.log"))?);
        let mut process = command.spawn().with_context(|| format!("cannot start {name}"))?;
        let orders = process.stdin.take().context("the browser reads orders")?;
        let answers = process.stdout.take().context("the browser answers")?;
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

    /// Opens a page, and says what is wrong with it.
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
        // The numbers behind the pictures have to fit, too.
        let opened = "document.querySelectorAll('details').forEach(each => { each.open = true })";
        self.order("Runtime.evaluate", json!({ "expression": opened }))?;
        problems.extend(self.check()?);
        problems.dedup();
        let beyond = self.requests.iter().filter(|asked| **asked != url && !asked.starts_with("data:"));
        problems.extend(beyond.map(|asked| format!("it asks for {asked}")));
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

    /// The whole page as PNG.
    pub(super) fn picture(&mut self) -> Result<Vec<u8>> {
        let options = json!({ "format": "png", "captureBeyondViewport": true });
        let picture = self.order("Page.captureScreenshot", options)?;
        bytes(&picture["data"])
    }

    /// The page on paper, as PDF.
    pub(super) fn paper(&mut self) -> Result<Vec<u8>> {
        let a4 = json!({ "paperWidth": 8.27, "paperHeight": 11.69, "printBackground": false });
        let paper = self.order("Page.printToPDF", a4)?;
        bytes(&paper["data"])
    }

    /// Gives an order and waits for the answer.
    fn order(&mut self, method: &str, parameters: Value) -> Result<Value> {
        self.last_order += 1;
        let mut order = json!({ "id": self.last_order, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            order["sessionId"] = session.as_str().into();
        }
        let mut line = order.to_string().into_bytes();
        line.push(0);
        self.orders.write_all(&line).context("the browser has ended; target/page/browser.log says why")?;
        loop {
            let message = self.hear()?;
            if message["id"] == self.last_order {
                ensure!(message["error"].is_null(), "the browser refuses {method}: {}", message["error"]);
                return Ok(message["result"].clone());
            }
        }
    }

    /// The next message, after what it says has been noted.
    fn hear(&mut self) -> Result<Value> {
        let Ok(message) = self.messages.recv_timeout(PATIENCE) else {
            bail!("the browser is silent; target/page/browser.log may say why");
        };
        let says = &message["params"];
        match message["method"].as_str() {
            Some("Page.loadEventFired") => self.has_loaded = true,
            Some("Network.requestWillBeSent") => {
                self.requests.extend(says["request"]["url"].as_str().map(str::to_owned));
            }
            Some("Log.entryAdded") => {
                self.complaints.push(format!("the browser says {}", says["entry"]["text"]))
            }
            Some("Runtime.consoleAPICalled" | "Runtime.exceptionThrown") => {
                self.complaints.push(format!("the console says {says}"));
            }
            _ => {}
        }
        Ok(message)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It is our own process; that it may have ended already is no mistake.
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
    Ok(STANDARD.decode(data.as_str().context("the browser gave no data")?)?)
}
