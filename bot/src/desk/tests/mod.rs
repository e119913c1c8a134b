//! The desk with a platform that is played and evidence that is recorded: everything goes in by the ear.

mod answers;
mod bounds;
mod buttons;
mod played;
mod restarts;
mod room;
