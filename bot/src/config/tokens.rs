//! Tokens: from the environment or from files, never from the configuration, and never shown.

use secrecy::SecretString;
use std::path::{Path, PathBuf};

/// Where a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// In a variable of the environment.
    Variable(String),
    /// In a file.
    File(PathBuf),
}

/// No token has more bytes.
const LONGEST: u64 = 4096;

impl Token {
    /// Where the configuration says, or in the variable that is usual.
    pub fn of(variable: Option<&str>, file: Option<&Path>, usual: &str) -> Token {
        match file {
            Some(path) => Token::File(path.to_owned()),
            None => Token::Variable(variable.unwrap_or(usual).to_owned()),
        }
    }

    /// The token.
    ///
    /// # Errors
    /// When there is none, or it cannot be one.
    pub fn read(&self) -> Result<SecretString, String> {
        let text = match self {
            Token::Variable(name) => {
                std::env::var(name).map_err(|_| format!("the variable `{name}` is not set, or no text"))?
            }
            Token::File(path) => read(path)?,
        };
        let token = text.trim();
        let place = match self {
            Token::Variable(name) => format!("the variable `{name}`"),
            Token::File(path) => format!("the file `{}`", path.display()),
        };
        if token.is_empty() {
            return Err(format!("{place} is empty"));
        }
        if !token.chars().all(|c| c.is_ascii_graphic()) {
            return Err(format!("{place} holds something else than one token"));
        }
        Ok(SecretString::from(token.to_owned()))
    }
}

fn read(path: &Path) -> Result<String, String> {
    let unread = |error: std::io::Error| format!("cannot read the token in `{}`: {error}", path.display());
    if std::fs::metadata(path).map_err(unread)?.len() > LONGEST {
        return Err(format!("the file `{}` is too long for a token", path.display()));
    }
    std::fs::read_to_string(path).map_err(unread)
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    #[test]
    fn a_token_is_read_from_a_file_and_never_shown() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("token");
        std::fs::write(&path, "s3cr3t-token\n").expect("written");
        let token = Token::of(Some("OTHER"), Some(&path), "USUAL").read().expect("it is one");
        assert_eq!(token.expose_secret(), "s3cr3t-token");
        assert!(!format!("{token:?}").contains("s3cr3t"));
        std::fs::write(&path, "two tokens").expect("written");
        let error = Token::File(path).read().expect_err("it is none");
        assert!(!error.contains("two"), "{error}");
        assert!(Token::of(None, None, "ECS_WHY_BOT_NOT_SET").read().is_err());
    }
}
