//! The rows of `bot/words`, and what no text may do.

mod hostile;
mod phrasings;
