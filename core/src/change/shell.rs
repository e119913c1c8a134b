//! Quoting for a POSIX shell: names are foreign text, and people run these commands.

/// One argument of a command, quoted so that a shell's word splitting gives back exactly it.
///
/// A NUL cannot be an argument at all; it is dropped.
pub fn quote(argument: &str) -> String {
    let clean: String = argument.chars().filter(|c| *c != '\0').collect();
    shlex::try_quote(&clean).map_or_else(|_| "''".to_owned(), std::borrow::Cow::into_owned)
}

/// A command from its words, each quoted where it needs to be.
pub fn command<S: AsRef<str>>(words: impl IntoIterator<Item = S>) -> String {
    words.into_iter().map(|word| quote(word.as_ref())).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_words_come_back_as_they_were() {
        for word in
            ["a b", "$(rm -rf /)", "`id`", "a'b", "\"", "a\nb", "!x", "~", "*", "", "-x", "ü", "a\\b", "'; reboot #"]
        {
            let line = command(["aws", word, "end"]);
            assert_eq!(shlex::split(&line), Some(vec!["aws".into(), word.into(), "end".into()]), "{line}");
        }
    }

    #[test]
    fn plain_words_stay_plain() {
        assert_eq!(
            command(["aws", "ecs", "update-service", "--cluster", "prod"]),
            "aws ecs update-service --cluster prod"
        );
    }
}
