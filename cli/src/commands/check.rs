//! `ecs-why check`: a service, a task definition, or one that is not registered yet.

use crate::account::Asked;
use crate::args::{AskArgs, CheckArgs};
use crate::exit::Exit;
use crate::view::View;
use std::io::Write;

/// Whether it would start; a fault or a doubt is told by the exit code as well.
pub fn run(args: &CheckArgs, before: &AskArgs, view: &View, out: &mut impl Write) -> anyhow::Result<Exit> {
    let asked = Asked { target: args.target.as_deref(), check: true, placement: args.placement.clone() };
    super::why::answer(&asked, &args.ask.or(before), view, out, Exit::of_check)
}
