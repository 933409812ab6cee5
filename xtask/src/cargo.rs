//! Runs cargo in the workspace.

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};

/// A cargo command that runs in the root of the workspace.
pub(crate) struct Cargo {
    /// The command line, as a person would type it.
    line: String,
    command: Command,
}

impl Cargo {
    /// Creates the command `cargo <arguments>`. Arguments are separated by white space and cannot contain any.
    pub(crate) fn new(arguments: &str) -> Cargo {
        // Cargo passes its own path to the programs that it runs, so every step uses the same toolchain.
        let program = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
        let mut command = Command::new(program);
        command.args(arguments.split_whitespace()).current_dir(workspace_root());
        Cargo { line: format!("cargo {arguments}"), command }
    }

    /// Sets an environment variable of the command.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Cargo {
        self.line = format!("{name}=\"{value}\" {}", self.line);
        self.command.env(name, value);
        self
    }

    /// Prints the command and runs it with inherited output.
    ///
    /// # Errors
    /// If the command cannot be started or fails.
    pub(crate) fn run(mut self) -> Result<()> {
        println!("$ {}", self.line);
        let status = self.command.status().with_context(|| format!("cannot start `{}`", self.line))?;
        ensure!(status.success(), "`{}` failed ({status})", self.line);
        Ok(())
    }

    /// Prints the command, runs it and returns its standard output.
    ///
    /// # Errors
    /// If the command cannot be started or fails, or if its output is not valid UTF-8.
    pub(crate) fn read(self) -> Result<String> {
        println!("$ {}", self.line);
        let line = self.line.clone();
        let output = self.output()?;
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "`{line}` failed ({}):\n{}", output.status, errors.trim_end());
        String::from_utf8(output.stdout).with_context(|| format!("the output of `{line}` is not valid UTF-8"))
    }

    /// Runs the command without printing its output. Returns true if it succeeded.
    ///
    /// # Errors
    /// If the command cannot be started.
    pub(crate) fn succeeds(self) -> Result<bool> {
        Ok(self.output()?.status.success())
    }

    fn output(mut self) -> Result<Output> {
        self.command.output().with_context(|| format!("cannot start `{}`", self.line))
    }
}

/// The root of the workspace: the parent folder of this package.
pub(crate) fn workspace_root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package is in a folder of the workspace")
}
