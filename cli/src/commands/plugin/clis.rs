//! Every `aws` on PATH: its version, and for v1 where its Python finds modules.

use super::running::run;
use serde::Deserialize;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// An AWS CLI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cli {
    /// As it is found on PATH.
    pub path: PathBuf,
    /// What it is.
    pub kind: Kind,
}

/// Which one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Version 1, with the folders in which its Python would find the module, the best first.
    V1 {
        /// As `aws --version` has it.
        version: String,
        /// The one in which `awscli` itself lies, and the person's own.
        sites: Vec<PathBuf>,
    },
    /// Version 2.
    V2 {
        /// As `aws --version` has it.
        version: String,
    },
    /// It cannot be run, or says something else: why.
    Unknown(String),
}

impl Cli {
    /// In a few words.
    pub fn shown(&self) -> String {
        match &self.kind {
            Kind::V1 { version, .. } | Kind::V2 { version } => format!("{} (aws-cli/{version})", self.path.display()),
            Kind::Unknown(why) => format!("{} (cannot be run: {why})", self.path.display()),
        }
    }

    /// Whether it is v1.
    pub fn is_v1(&self) -> bool {
        matches!(self.kind, Kind::V1 { .. })
    }

    /// Whether it is v2.
    pub fn is_v2(&self) -> bool {
        matches!(self.kind, Kind::V2 { .. })
    }
}

/// All of PATH, in its order.
pub fn all() -> Vec<Cli> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    candidates(&path).into_iter().map(|path| Cli { kind: kind(&path), path }).collect()
}

/// Files called `aws` that can be executed; one that several folders lead to counts once.
fn candidates(path: &OsString) -> Vec<PathBuf> {
    let names: &[&str] = if cfg!(windows) { &["aws.exe", "aws.cmd"] } else { &["aws"] };
    let (mut found, mut seen) = (vec![], vec![]);
    for folder in std::env::split_paths(path).filter(|folder| folder.is_absolute()) {
        for file in names.iter().map(|name| folder.join(name)).filter(|file| executable(file)) {
            let real = file.canonicalize().unwrap_or_else(|_| file.clone());
            if !seen.contains(&real) {
                seen.push(real);
                found.push(file);
            }
        }
    }
    found
}

#[cfg(unix)]
pub(super) fn executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(file).is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
pub(super) fn executable(file: &Path) -> bool {
    file.is_file()
}

/// A plug-in that tells where it was imported, and ends the CLI: it is asked by its own means, whatever wraps it (a shim of pyenv, a
/// shell script). v2 does not load it, since its configuration names no folder, and prints its version.
const PROBE: &str = "\
def awscli_initialize(hooks):
    import json, os, site, sys
    import awscli
    own = site.getusersitepackages() if site.ENABLE_USER_SITE else None
    lies = os.path.dirname(os.path.dirname(os.path.abspath(awscli.__file__)))
    sys.stdout.write(json.dumps({'version': awscli.__version__, 'site': lies, 'own': own}))
    sys.stdout.flush()
    os._exit(0)
";

#[derive(Deserialize)]
struct Probed {
    version: String,
    site: PathBuf,
    own: Option<PathBuf>,
}

fn kind(path: &Path) -> Kind {
    if let Ok(Some(kind)) = probe(path) {
        return kind;
    }
    // Its Python does not look at PYTHONPATH, or there is another obstacle: the version alone.
    match run(plain(path).arg("--version").env("AWS_CONFIG_FILE", nowhere())) {
        // v1 on Python 2 prints it on standard error.
        Ok(ran) => match version(&ran.out).or_else(|| version(&ran.err)) {
            Some(version) if version.starts_with("1.") => Kind::V1 { version, sites: by_first_line(path) },
            Some(version) => Kind::V2 { version },
            None => Kind::Unknown(ran.last_line()),
        },
        Err(why) => Kind::Unknown(why),
    }
}

fn probe(path: &Path) -> std::io::Result<Option<Kind>> {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("ecs_why_probe.py"), PROBE)?;
    let config = folder.path().join("config");
    std::fs::write(&config, "[plugins]\necs_why_probe = ecs_why_probe\n")?;
    let before = std::env::var_os("PYTHONPATH").unwrap_or_default();
    let all = std::iter::once(folder.path().to_owned()).chain(std::env::split_paths(&before));
    let all = std::env::join_paths(all.filter(|path| !path.as_os_str().is_empty())).unwrap_or_default();
    let Ok(ran) = run(plain(path).arg("--version").env("AWS_CONFIG_FILE", config).env("PYTHONPATH", all)) else {
        return Ok(None);
    };
    if let Some(version) = version(&ran.out) {
        return Ok((!version.starts_with("1.")).then_some(Kind::V2 { version }));
    }
    let probed: Option<Probed> = serde_json::from_str(ran.out.trim()).ok();
    Ok(probed.filter(|probed| probed.version.starts_with("1.")).map(|probed| {
        let sites = [Some(probed.site), probed.own].into_iter().flatten().collect();
        Kind::V1 { version: probed.version, sites }
    }))
}

/// Without what a person's profile could make of it.
fn plain(path: &Path) -> Command {
    let mut command = Command::new(path);
    for name in ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"] {
        command.env_remove(name);
    }
    command.envs([("AWS_PAGER", ""), ("AWS_CLI_AUTO_PROMPT", "off"), ("PYTHONDONTWRITEBYTECODE", "1")]);
    command
}

fn nowhere() -> &'static str {
    if cfg!(windows) { "NUL" } else { "/dev/null" }
}

/// The version in `aws-cli/2.9.19 Python/3.11.2 ...`.
fn version(said: &str) -> Option<String> {
    let version = said.trim_start().strip_prefix("aws-cli/")?.split_whitespace().next()?;
    let known = ["1.", "2."].iter().any(|start| version.starts_with(start));
    known.then(|| version.to_owned())
}

/// The folder in which the Python of a script's first line has `awscli`.
fn by_first_line(path: &Path) -> Vec<PathBuf> {
    let Ok(script) = std::fs::read(path) else { return vec![] };
    let first = String::from_utf8_lossy(script.split(|byte| *byte == b'\n').next().unwrap_or_default()).into_owned();
    let Some(words) = first.strip_prefix("#!") else { return vec![] };
    let mut words = words.split_whitespace().peekable();
    let Some(python) = words.next().filter(|word| word.contains("python") || word.ends_with("/env")) else {
        return vec![];
    };
    let ask = "import os, awscli; print(os.path.dirname(os.path.dirname(os.path.abspath(awscli.__file__))))";
    let ran = run(Command::new(python).args(words).args(["-c", ask]));
    ran.ok().filter(|ran| ran.success).map(|ran| PathBuf::from(ran.out.trim())).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_from_what_the_cli_prints() {
        for (said, expected) in [
            ("aws-cli/2.9.19 Python/3.11.2 Linux/6.1 source/x86_64 prompt/off\n", Some("2.9.19")),
            ("aws-cli/1.45.11 Python/3.11.7 Linux/6.1 botocore/1.43\n", Some("1.45.11")),
            ("aws-cli/3.0.0 ...", None),
            ("usage: aws", None),
            ("", None),
        ] {
            assert_eq!(version(said).as_deref(), expected, "{said}");
        }
    }

    #[cfg(unix)]
    mod found {
        use super::*;
        use std::os::unix::fs::PermissionsExt as _;

        fn script(folder: &Path, text: &str) -> PathBuf {
            std::fs::create_dir_all(folder).expect("it is writable");
            let path = folder.join("aws");
            std::fs::write(&path, text).expect("it is writable");
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("it is ours");
            path
        }

        #[test]
        fn all_of_path_is_looked_at_and_each_once() {
            let home = tempfile::tempdir().expect("a folder");
            let (a, b, c, link) =
                (home.path().join("a"), home.path().join("b"), home.path().join("c"), home.path().join("l"));
            script(&a, "#!/bin/sh\n");
            script(&b, "#!/bin/sh\n");
            std::fs::create_dir(&c).expect("it is writable");
            std::fs::write(c.join("aws"), "no program").expect("it is writable");
            std::os::unix::fs::symlink(&a, &link).expect("a link");
            let path = std::env::join_paths([&a, &link, &c, &b]).expect("no colons");
            assert_eq!(candidates(&path), [a.join("aws"), b.join("aws")]);
        }

        #[test]
        fn each_is_asked_what_it_is() {
            let home = tempfile::tempdir().expect("a folder");
            let of = |name: &str, text: &str| kind(&script(&home.path().join(name), text));
            let two = "#!/bin/sh\necho aws-cli/2.15.0 Python/3.11.6 Linux/6.1\n";
            assert_eq!(of("two", two), Kind::V2 { version: "2.15.0".into() });
            let broken = "#!/bin/sh\necho 'pyenv: aws: command not found' >&2; exit 127\n";
            assert_eq!(of("broken", broken), Kind::Unknown("pyenv: aws: command not found".into()));
            let one = "#!/bin/sh\necho aws-cli/1.18.69 Python/3.8.10 Linux/5.4 >&2\n";
            assert_eq!(of("one", one), Kind::V1 { version: "1.18.69".into(), sites: vec![] });
            let probed =
                "#!/bin/sh\n[ -n \"$PYTHONPATH\" ] && printf '{\"version\":\"1.2.3\",\"site\":\"/s\",\"own\":null}'\n";
            assert_eq!(of("probed", probed), Kind::V1 { version: "1.2.3".into(), sites: vec!["/s".into()] });
        }
    }
}
