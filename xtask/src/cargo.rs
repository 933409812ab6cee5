//! Running cargo in the workspace.

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};

/// One cargo command, run in the root of the workspace.
pub(crate) struct Cargo {
    /// What is run, as a person would type it.
    line: String,
    command: Command,
}

impl Cargo {
    /// The command `cargo <arguments>`. Arguments are separated by white space; none of them can contain any.
    pub(crate) fn new(arguments: &str) -> Cargo {
        // Cargo names itself to the programs that it runs, so that every step has the same toolchain.
        let program = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
        let mut command = Command::new(program);
        command.args(arguments.split_whitespace()).current_dir(workspace_root());
        Cargo { line: format!("cargo {arguments}"), command }
    }

    /// The same command with one environment variable set.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Cargo {
        self.line = format!("{name}=\"{value}\" {}", self.line);
        self.command.env(name, value);
        self
    }

    /// Shows the command and runs it; what it prints goes where ours goes.
    ///
    /// # Errors
    /// If it cannot be started or does not succeed.
    pub(crate) fn run(mut self) -> Result<()> {
        println!("$ {}", self.line);
        let status = self.command.status().with_context(|| format!("cannot start `{}`", self.line))?;
        ensure!(status.success(), "`{}` failed ({status})", self.line);
        Ok(())
    }

    /// Shows the command, runs it and returns what it printed to its standard output.
    ///
    /// # Errors
    /// If it cannot be started, does not succeed or prints what is not UTF-8.
    pub(crate) fn read(self) -> Result<String> {
        println!("$ {}", self.line);
        let line = self.line.clone();
        let output = self.output()?;
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "`{line}` failed ({}):\n{}", output.status, errors.trim_end());
        String::from_utf8(output.stdout).with_context(|| format!("`{line}` printed what is not UTF-8"))
    }

    /// Runs the command quietly and tells whether it succeeded.
    ///
    /// # Errors
    /// If it cannot be started.
    pub(crate) fn succeeds(self) -> Result<bool> {
        Ok(self.output()?.status.success())
    }

    fn output(mut self) -> Result<Output> {
        self.command.output().with_context(|| format!("cannot start `{}`", self.line))
    }
}

/// The root of the workspace: the folder that this package's folder is in.
pub(crate) fn workspace_root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package lies in a folder of the workspace")
}
