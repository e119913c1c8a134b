//! `ecs-why check CLUSTER/SERVICE`.

use crate::args::{AskArgs, CheckArgs};
use crate::exit::Exit;
use crate::view::View;
use std::io::Write;

/// Whether it would start; a fault or a doubt is told by the exit code as well.
pub fn run(args: &CheckArgs, before: &AskArgs, view: &View, out: &mut impl Write) -> anyhow::Result<Exit> {
    super::why::answer(args.target.as_deref(), true, &args.ask.or(before), view, out, Exit::of_check)
}
