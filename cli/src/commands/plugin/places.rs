//! Where the AWS CLI keeps what we add to.

use super::error::PluginError;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The files of one person.
#[derive(Debug, Clone)]
pub struct Places {
    /// The configuration: `AWS_CONFIG_FILE`, else `~/.aws/config`.
    pub config: PathBuf,
    /// The aliases, which have no variable.
    pub alias: PathBuf,
    /// Our own folder: the module, and what was written down at the installation.
    pub folder: PathBuf,
}

impl Places {
    /// As the environment says.
    ///
    /// # Errors
    /// When no home folder is known.
    pub fn found() -> Result<Places, PluginError> {
        let home = std::env::home_dir().filter(|home| home.is_absolute()).ok_or(PluginError::NoHome)?;
        Ok(Places::of(&home, std::env::var_os("AWS_CONFIG_FILE")))
    }

    fn of(home: &Path, config: Option<OsString>) -> Places {
        let aws = home.join(".aws");
        let config = config.filter(|path| !path.is_empty()).map(PathBuf::from);
        Places {
            // The AWS CLI expands a tilde by itself, as it does not come from a shell.
            config: match config {
                Some(path) => path.strip_prefix("~").map(|rest| home.join(rest)).unwrap_or(path),
                None => aws.join("config"),
            },
            alias: aws.join("cli").join("alias"),
            folder: aws.join("cli").join("ecs-why"),
        }
    }

    /// Where it is written down.
    pub fn receipt(&self) -> PathBuf {
        self.folder.join("receipt.json")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_names_the_configuration() {
        let config = |named: &str| Places::of(Path::new("/home/a"), Some(named.into())).config;
        assert_eq!(Places::of(Path::new("/home/a"), None).config, Path::new("/home/a/.aws/config"));
        assert_eq!(config(""), Path::new("/home/a/.aws/config"));
        assert_eq!(config("/etc/aws"), Path::new("/etc/aws"));
        assert_eq!(config("~/aws"), Path::new("/home/a/aws"));
    }
}
