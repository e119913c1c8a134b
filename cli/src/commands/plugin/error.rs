//! Why nothing was installed or taken away, and what to do.

use std::path::PathBuf;

/// Each says what to do next.
#[derive(Debug, thiserror::Error)]
pub enum PluginError {
    /// Nobody's home.
    #[error("no home folder is known, in which the AWS CLI looks for `.aws`: set HOME")]
    NoHome,
    /// A file that cannot be read.
    #[error("cannot read `{}`: look at its permissions, and try again", path.display())]
    Read {
        /// Where.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A file that cannot be written.
    #[error("cannot write `{}`, so nothing was changed: make it writable, or name another file in AWS_CONFIG_FILE", path.display())]
    Write {
        /// Where.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// No text.
    #[error("`{}` is no UTF-8 text, so it is left alone: the AWS CLI may not read it either", .0.display())]
    NotText(PathBuf),
    /// What the AWS CLI cannot read either.
    #[error("line {line} of `{}` cannot be read, so it is left alone: {why}; mend that line, and try again", path.display())]
    Ini {
        /// Where.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What is wrong.
        why: &'static str,
    },
    /// Somebody wrote it while we did.
    #[error("`{}` was changed by somebody else at the same moment, so nothing was written: try again", .0.display())]
    Race(PathBuf),
    /// A name that is taken.
    #[error("`{}` has a `{key}` of its own in [{section}] (`{value}`), which is left alone: rename it there, and try again", path.display())]
    Taken {
        /// Where.
        path: PathBuf,
        /// In which section.
        section: String,
        /// Which key.
        key: String,
        /// What it has.
        value: String,
    },
    /// The CLI is broken before anything was done.
    #[error("`{aws} --version` fails already ({said}), so nothing was changed: mend that first")]
    BrokenBefore {
        /// Which CLI.
        aws: String,
        /// Its last line.
        said: String,
    },
    /// Our own path cannot stand in a file.
    #[error("the path `{}` cannot be written into a configuration file: move ecs-why to one of plain characters", .0.display())]
    OddPath(PathBuf),
    /// Our own executable is not known.
    #[error("where this ecs-why is cannot be found out: call it by its full path")]
    NoExecutable(#[source] std::io::Error),
    /// A receipt that cannot be read.
    #[error("what was installed was written down in `{}`, which cannot be read any more: remove that file, then install again", .0.display())]
    Receipt(PathBuf),
}
