//! A cause's doc comment is its page: the listing of causes, the documentation and assistants print it.

/// A cause that has a page.
pub trait Documented {
    /// The page, in Markdown: one sentence, then headings.
    const PAGE: &'static str;
}

/// A page, in Markdown: a doc comment's lines begin with the space behind its slashes.
pub(crate) fn page_text(page: &str) -> String {
    let line = |line: &str| line.strip_prefix(' ').unwrap_or(line).to_owned();
    page.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// Declares a cause's type and keeps its doc comment as its page.
macro_rules! documented {
    ($(#[doc = $line:literal])* pub struct $name:ident;) => {
        $(#[doc = $line])*
        pub struct $name;

        impl $crate::causes::documented::Documented for $name {
            const PAGE: &'static str = concat!($($line, "\n"),*);
        }
    };
}

pub(crate) use documented;
