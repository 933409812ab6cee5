//! Runs the command as an external program does.
#![allow(dead_code, reason = "each test file uses only a part")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// A temporary database, and the command on it.
pub(crate) struct Office {
    folder: TempDir,
}

/// The output and the exit code of a call.
pub(crate) struct Called {
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) code: i32,
}

impl Called {
    pub(crate) fn of(output: Output) -> Called {
        Called {
            out: String::from_utf8(output.stdout).expect("output is UTF-8"),
            err: String::from_utf8(output.stderr).expect("messages are UTF-8"),
            code: output.status.code().unwrap_or(-1),
        }
    }

    /// Returns the JSON lines of a call, which must have succeeded.
    #[track_caller]
    pub(crate) fn lines(&self) -> Vec<Value> {
        assert!(matches!(self.code, 0 | 3), "exit code {}: {}", self.code, self.err);
        self.out.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
    }

    /// Returns the only JSON line.
    #[track_caller]
    pub(crate) fn line(&self) -> Value {
        let lines = self.lines();
        assert_eq!(lines.len(), 1, "{}", self.out);
        lines.into_iter().next().expect("one line")
    }

    #[track_caller]
    pub(crate) fn fails(&self, code: i32, saying: &str) {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        assert!(self.err.contains(saying), "\"{saying}\" is not in: {}", self.err);
    }
}

impl Office {
    pub(crate) fn new() -> Office {
        Office { folder: TempDir::new().expect("a temporary folder can be made") }
    }

    pub(crate) fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, text).expect("a file can be written");
        path.to_str().expect("the path is UTF-8").to_owned()
    }

    /// Creates a command with the database and `--json`.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_followup"));
        command.env_remove("FOLLOWUP_DB").env_remove("FOLLOWUP_PLAYBOOK").current_dir(self.folder.path());
        command.args(["--json", "--db"]).arg(self.path("followup.db"));
        command
    }

    /// Calls the command with arguments separated by blanks.
    pub(crate) fn call(&self, words: &str) -> Called {
        self.call_with(&words.split_whitespace().collect::<Vec<_>>())
    }

    pub(crate) fn call_with(&self, words: &[&str]) -> Called {
        Called::of(self.command().args(words).output().expect("the command starts"))
    }
}

/// Returns the path of a file in the shared data beside the clone.
pub(crate) fn shared(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(name);
    path.to_str().expect("the path is UTF-8").to_owned()
}

/// Returns the command of an example program, which is built together with its tests.
pub(crate) fn program(name: &str) -> Command {
    let test = std::env::current_exe().expect("a test knows its own path");
    let folder = test.parent().and_then(|deps| deps.parent()).expect("tests are two folders deep");
    Command::new([folder, "examples".as_ref(), name.as_ref()].iter().collect::<PathBuf>())
}
